import { access, glob, readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { expect, it } from 'vitest'
import { root } from './sources/parse.ts'

it('links of the documentation lead to files that are there', async () => {
  const dead: string[] = []
  let links = 0
  for await (const file of glob(['README.md', 'docs/**/*.md'], { cwd: root })) {
    const text = await readFile(join(root, file), 'utf8')
    for (const [, target = ''] of text.matchAll(/\]\(([^)#\s]+)[^)]*\)/g)) {
      if (/^[a-z]+:/.test(target)) continue
      links++
      const there = await access(join(root, dirname(file), target)).then(
        () => true,
        () => false,
      )
      if (!there) dead.push(`${file}: ${target}`)
    }
  }
  expect(dead).toEqual([])
  expect(links).toBeGreaterThan(20)
})
