import { describe, expect, it } from 'vitest'
import { byteStream, bytes, matchesMediaType } from './bytes.ts'

describe('bytes', () => {
  it('takes everything up to 100 MiB unless told otherwise', () => {
    expect(bytes()).toEqual({ kind: 'bytes', types: ['*/*'], maxBytes: 104_857_600 })
    expect(bytes({ types: ['image/*'], maxBytes: 5 })).toEqual({
      kind: 'bytes',
      types: ['image/*'],
      maxBytes: 5,
    })
  })
})

describe('matching media types', () => {
  it.each([
    ['image/png', ['image/png'], true],
    ['IMAGE/PNG', ['image/png'], true],
    ['image/png', ['Image/*'], true],
    ['text/plain; charset=utf-8', ['text/plain'], true],
    ['text/plain ;charset=utf-8', ['text/plain'], true],
    ['text/html', ['text/plain', 'text/html'], true],
    ['anything', ['*/*'], true],
    ['image/png', ['image/jpeg'], false],
    ['imagery/png', ['image/*'], false],
    ['text/html', ['image/*', 'application/json'], false],
    ['', ['image/*'], false],
    ['text/html;image/png', ['image/png'], false],
    ['image/png', [], false],
  ])('%s against %j is %s', (type, patterns, expected) => {
    expect(matchesMediaType(type, patterns)).toBe(expected)
  })
})

const hello = new TextEncoder().encode('hell\u00f6')

async function* chunks() {
  yield hello.subarray(0, 2)
  yield hello.subarray(2)
}

describe('byte streams', () => {
  it.each([
    ['a string', () => 'hell\u00f6', 'text/plain; charset=utf-8', 6],
    ['bytes', () => hello, 'application/octet-stream', 6],
    [
      'a view into a larger buffer',
      () => Buffer.concat([hello, hello]).subarray(0, 6),
      'application/octet-stream',
      6,
    ],
    ['a blob with a type', () => new Blob([hello], { type: 'image/png' }), 'image/png', 6],
    ['a blob without', () => new Blob([hello]), 'application/octet-stream', 6],
    ['an async iterable', chunks, 'application/octet-stream', undefined],
    ['a web stream', () => new Blob([hello]).stream(), 'application/octet-stream', undefined],
  ])(
    'carries %s, with its type and what is known of its size',
    async (_name, source, contentType, sizeBytes) => {
      const stream = byteStream(source())
      expect(stream).toBeInstanceOf(ReadableStream)
      expect({ contentType: stream.contentType, sizeBytes: stream.sizeBytes }).toEqual({
        contentType,
        sizeBytes,
      })
      expect(await new Response(stream).text()).toBe('hell\u00f6')
    },
  )

  it('carries nothing', async () => {
    for (const source of ['', new Uint8Array()]) {
      const stream = byteStream(source)
      expect(stream.sizeBytes).toBe(0)
      expect((await new Response(stream).bytes()).byteLength).toBe(0)
    }
  })

  it('believes what it is told over what it sees', () => {
    const stream = byteStream('{}', { contentType: 'application/json', sizeBytes: 2 })
    expect(stream.contentType).toBe('application/json')
  })

  it('returns a byte stream itself, with its type and size unless told others', () => {
    const stream = byteStream('x', { contentType: 'a/b' })
    expect(byteStream(stream)).toBe(stream)
    expect(stream).toMatchObject({ contentType: 'a/b', sizeBytes: 1 })
    expect(byteStream(stream, { contentType: 'c/d' })).toMatchObject({ contentType: 'c/d', sizeBytes: 1 })
  })

  it('ends its source when the reader goes away', async () => {
    let ended = false
    async function* endless() {
      try {
        for (;;) yield hello
      } finally {
        ended = true
      }
    }
    const reader = byteStream(endless()).getReader()
    await reader.read()
    await reader.cancel()
    expect(ended).toBe(true)
  })

  it('passes a failure of its source on', async () => {
    async function* failing() {
      yield hello
      throw new Error('disk')
    }
    await expect(new Response(byteStream(failing())).text()).rejects.toThrow()
  })
})
