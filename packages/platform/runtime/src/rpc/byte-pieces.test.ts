import { byteStream } from '@atlas/contract'
import { describe, expect, it } from 'vitest'
import { type HttpBodyMessage, piecesOf, uploadOf } from './byte-pieces.ts'

describe('a download', () => {
  it('comes in pieces that clients take, of which the first names the media type', async () => {
    const bytes = Buffer.alloc(600 * 1024, 'abc')
    const pieces = await collect(piecesOf(byteStream(bytes, { contentType: 'text/plain' })))
    expect(pieces.map(({ contentType, data }) => [contentType, data.byteLength])).toEqual([
      ['text/plain', 256 * 1024],
      ['', 256 * 1024],
      ['', 88 * 1024],
    ])
    expect(Buffer.concat(pieces.map(({ data }) => data)).equals(bytes)).toBe(true)
  })

  it('is cancelled by whoever does not want more', async () => {
    let cancelled = false
    const source = new ReadableStream<Uint8Array>({
      pull: (controller) => controller.enqueue(new Uint8Array(1)),
      cancel: () => {
        cancelled = true
      },
    })
    for await (const _ of piecesOf(byteStream(source))) break
    expect(cancelled).toBe(true)
  })
})

describe('an upload', () => {
  const piece = (text: string, contentType = ''): HttpBodyMessage => ({
    contentType,
    data: Buffer.from(text),
  })

  it('is the fields of the first message, and the bytes of all', async () => {
    const { input, body } = await uploadOf(
      messages(
        { path: 'a', body: piece('he', 'text/plain') },
        { path: 'ignored' },
        { body: piece('') },
        { body: piece('y') },
      ),
    )
    expect([input, body.contentType]).toEqual([{ path: 'a' }, 'text/plain'])
    expect(await new Response(body).text()).toBe('hey')
  })

  it('may have neither', async () => {
    const { input, body } = await uploadOf(messages())
    expect([input, body.contentType, await new Response(body).text()]).toEqual([
      {},
      'application/octet-stream',
      '',
    ])
  })

  it('is read when its bytes are, and let go with them', async () => {
    let sent = 0
    let ended = false
    const endless = (async function* () {
      try {
        for (;;) yield { body: piece(String(sent++ % 10)) }
      } finally {
        ended = true
      }
    })()
    const { body } = await uploadOf(endless)
    expect(sent).toBe(1)
    const reader = body.getReader()
    for (let n = 0; n < 5; n++) await reader.read()
    expect(sent).toBe(5)
    await reader.cancel()
    expect(ended).toBe(true)
  })
})

async function* messages(...all: unknown[]): AsyncGenerator<unknown> {
  yield* all
}

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = []
  for await (const item of items) list.push(item)
  return list
}
