import { checkBlobKey } from '@atlas/sdk'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { FilePath } from './file-path.ts'

const accountId = '2c1f0d36-3b0e-4a55-9d4e-0f6f2a3f1b01'

test.each(['a', 'a/b', '…/ä ö', '.git', '...', 'a..b', '日本語/写真.png'])('takes %j', (path) => {
  expect(FilePath.parse(path)).toBe(path)
})

test.each([
  '',
  '/',
  '/a',
  'a/',
  'a//b',
  '.',
  'a/..',
  './a',
  'a\nb',
  '\0',
  '\ud800',
  '\u{10ffff}',
  'ä'.repeat(451),
])('refuses %j', (path) => {
  expect(FilePath.safeParse(path).success).toBe(false)
})

test('two spellings of a letter are one path', () => {
  expect(FilePath.parse('cafe\u0301')).toBe('caf\u00e9')
})

test('every path is a key below its account, and stays what it is when it is read again', () => {
  const character = fc.string({ unit: 'binary', minLength: 1, maxLength: 1 })
  const text = fc.string({
    unit: fc.oneof(character, fc.constantFrom('/', '.', 'e', '\u0301')),
    minLength: 1,
  })
  fc.assert(
    fc.property(text, (given) => {
      const { data: path } = FilePath.safeParse(given)
      fc.pre(path !== undefined)
      checkBlobKey(`${accountId}/${path}`)
      expect(FilePath.parse(path)).toBe(path)
    }),
    { numRuns: 1000 },
  )
})
