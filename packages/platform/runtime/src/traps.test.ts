import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'

const root = join(import.meta.dirname, '../../../..')
const rows = [
  ...readFileSync(join(import.meta.dirname, '../traps.md'), 'utf8').matchAll(
    /^\| (?!trap|---)(.+) \| (.+) \| (.+) \|$/gm,
  ),
].map(([, trap, file, called]) => ({ trap: trap!, file: file!, called: called! }))

describe('every trap has its test', () => {
  it('of which there are some', () => {
    expect(rows.length).toBeGreaterThan(40)
  })

  it.each(rows)('$trap', ({ file, called }) => {
    const path = file.startsWith('tools/') ? file : `packages/platform/${file}`
    const text = readFileSync(join(root, path), 'utf8')
    const quoted = ["'", '"', '`'].some((quote) => text.includes(`${quote}${called}${quote}`))
    expect(quoted, `${path} has no test '${called}'`).toBe(true)
  })
})
