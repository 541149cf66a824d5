import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { blocksOf } from './guide.ts'
import { root } from './newcomer.ts'
import { sourcesOf } from './sources.ts'

describe.each(['calling-another-servlet', 'errors', 'testing'])('the guide %s', async (name) => {
  const blocks = blocksOf(await readFile(join(root, `docs/guides/${name}.md`), 'utf8'))
  const code = blocks.filter(({ language }) => language === 'ts')
  const sources = await sourcesOf(join(root, 'packages/servlets'))

  it.each(code)('quotes the product in line $line', ({ text }) => {
    expect(sources.some((source) => source.includes(text))).toBe(true)
  })
})
