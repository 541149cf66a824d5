import { expect, it } from 'vitest'
import { piecesOf } from './pieces.ts'

async function cut(sizes: readonly number[]): Promise<(readonly [string, boolean])[]> {
  let next = 0
  async function* stream() {
    for (const size of sizes) yield Uint8Array.from({ length: size }, () => 97 + (next++ % 26))
  }
  const pieces: (readonly [string, boolean])[] = []
  for await (const { bytes, last } of piecesOf(stream(), 4)) pieces.push([bytes.toString(), last])
  return pieces
}

it.each([
  [[], [['', true]]],
  [[0, 0], [['', true]]],
  [[3], [['abc', true]]],
  [[4], [['abcd', true]]],
  [
    [2, 2, 1],
    [
      ['abcd', false],
      ['e', true],
    ],
  ],
  [
    [9],
    [
      ['abcd', false],
      ['efgh', false],
      ['i', true],
    ],
  ],
  [
    [1, 7],
    [
      ['abcd', false],
      ['efgh', true],
    ],
  ],
])('chunks of %j bytes', async (sizes, pieces) => {
  expect(await cut(sizes)).toEqual(pieces)
})
