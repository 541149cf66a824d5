import { expect, it } from 'vitest'
import { blocksOf, commandsOf, firstMissingLine } from './guide.ts'

const guide = [
  '# Guide',
  '```sh',
  'one',
  'two --flag # fails',
  '```',
  'text',
  '```text',
  'says {…}',
  '```',
].join('\n')

it('reads the blocks of a guide and the commands in them', () => {
  const blocks = blocksOf(guide)
  expect(blocks.map(({ language, line }) => [language, line])).toEqual([
    ['sh', 2],
    ['text', 7],
  ])
  expect(commandsOf(blocks[0]!)).toEqual([
    { text: 'one', fails: false },
    { text: 'two --flag', fails: true },
  ])
})

it('refuses a block without an end', () => {
  expect(() => blocksOf('```sh\nnpm ci')).toThrow('line 1')
})

it('compares shown output with real output, line by line and in order', () => {
  const output = 'up at http://x:1 in 12 ms (a, b)\n  {"message":"Hello ada"}\nend'
  expect(firstMissingLine('up at … in … ms (…)\n{"message":"Hello ada"}', output)).toBeUndefined()
  expect(firstMissingLine('…\nend', output)).toBeUndefined()
  expect(firstMissingLine('{"message":"Hello bob"}', output)).toBe('{"message":"Hello bob"}')
  expect(firstMissingLine('end\nup at …', output)).toBe('up at …')
})
