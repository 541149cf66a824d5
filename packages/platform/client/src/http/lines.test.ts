import fc from 'fast-check'
import { expect, test, vi } from 'vitest'
import { linesOf } from './lines.ts'

/** A stream of the bytes, cut where it is told. */
function streamOf(bytes: Uint8Array, cuts: readonly number[], end: 'closes' | 'breaks' = 'closes') {
  const edges = [0, ...cuts.map((cut) => cut % (bytes.length + 1)).toSorted((a, b) => a - b), bytes.length]
  const chunks = edges.slice(1).map((edge, index) => bytes.subarray(edges[index], edge))
  const cancelled = vi.fn()
  const stream = new ReadableStream<Uint8Array>(
    {
      pull(controller) {
        const chunk = chunks.shift()
        if (chunk) controller.enqueue(chunk)
        else if (end === 'closes') controller.close()
        else controller.error(new Error('cut off'))
      },
      cancel: cancelled,
    },
    { highWaterMark: 0 },
  )
  return { stream, cancelled }
}

async function collect(items: AsyncIterable<string>): Promise<string[]> {
  const lines: string[] = []
  for await (const line of items) lines.push(line)
  return lines
}

const line = fc.string({ unit: fc.constantFrom('a', 'é', '語', '\u{1f4c1}', '\r', '\u2028'), maxLength: 8 })

test('lines are the same however the stream is cut, within characters too', () =>
  fc.assert(
    fc.asyncProperty(
      fc.array(line),
      fc.array(fc.nat(), { maxLength: 10 }),
      fc.boolean(),
      async (lines, cuts, ended) => {
        const text = lines.join('\n') + (ended ? '\n' : '')
        const { stream } = streamOf(new TextEncoder().encode(text), cuts)
        const expected = text.split('\n')
        if (expected.at(-1) === '') expected.pop()
        expect(await collect(linesOf(stream))).toEqual(expected)
      },
    ),
  ))

test('every cut of one text', async () => {
  const bytes = new TextEncoder().encode('{"a":"é"}\n{"b":"\u{1f4c1}"}\n')
  for (let first = 0; first <= bytes.length; first++)
    for (let second = first; second <= bytes.length; second++)
      expect(await collect(linesOf(streamOf(bytes, [first, second]).stream))).toEqual([
        '{"a":"é"}',
        '{"b":"\u{1f4c1}"}',
      ])
})

test('a line of many chunks is put together once', async () => {
  const chunk = new Uint8Array(1024).fill(97)
  const bytes = Buffer.concat([...Array.from({ length: 4096 }, () => chunk), Buffer.from('\nb')])
  const cuts = Array.from({ length: 4096 }, (_, index) => index * 1024)
  const lines = await collect(linesOf(streamOf(bytes, cuts).stream))
  expect(lines.map((each) => each.length)).toEqual([4 * 1024 * 1024, 1])
})

test('leaving the loop cancels the stream', async () => {
  const { stream, cancelled } = streamOf(new TextEncoder().encode('a\nb\nc'), [2])
  for await (const each of linesOf(stream)) if (each === 'a') break
  expect(cancelled).toHaveBeenCalledOnce()
})

test('a stream that breaks off throws after its whole lines', async () => {
  const { stream } = streamOf(new TextEncoder().encode('a\nb'), [], 'breaks')
  const seen: string[] = []
  const reading = (async () => {
    for await (const each of linesOf(stream)) seen.push(each)
  })()
  await expect(reading).rejects.toThrow('cut off')
  expect(seen).toEqual(['a'])
})
