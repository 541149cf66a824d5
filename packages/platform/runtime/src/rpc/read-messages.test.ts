import { gzipSync } from 'node:zlib'
import { AtlasError } from '@atlas/contract'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { MessageCodec } from '../protobuf/message-codec.ts'
import type { RequestBody } from '../universal.ts'
import { enveloped } from './envelope.ts'
import { readMessages } from './read-messages.ts'

/** Messages that are their bytes. */
const codec: MessageCodec = { encode: () => Buffer.alloc(0), decode: (bytes) => Buffer.from(bytes) }

function bodyOf(chunks: Iterable<Uint8Array>): RequestBody {
  return {
    sizeBytes: undefined,
    read: () => Promise.reject(new Error('is streamed')),
    stream: () => ReadableStream.from(chunks),
  }
}

async function readAll(
  chunks: Iterable<Uint8Array>,
  { encoding = 'identity' as 'identity' | 'gzip', maxBytes = 1000 } = {},
): Promise<{ messages: string[]; code?: string }> {
  const messages: string[] = []
  try {
    for await (const message of readMessages(bodyOf(chunks), { codec, encoding, maxBytes }))
      messages.push((message as Buffer).toString('hex'))
    return { messages }
  } catch (reason) {
    return { messages, code: AtlasError.from(reason).code }
  }
}

/** Bytes cut into pieces at these places. */
function cut(bytes: Buffer, places: readonly number[]): Buffer[] {
  const at = [...new Set(places.map((place) => place % (bytes.byteLength + 1)))].sort((a, b) => a - b)
  return [0, ...at].map((start, index) => bytes.subarray(start, at[index] ?? bytes.byteLength))
}

describe('messages in envelopes', () => {
  it('are the same however their bytes arrive', async () => {
    const message = fc.record({ bytes: fc.uint8Array({ maxLength: 40 }), packed: fc.boolean() })
    await fc.assert(
      fc.asyncProperty(
        fc.array(message, { maxLength: 6 }),
        fc.array(fc.nat(), { maxLength: 30 }),
        async (messages, places) => {
          const frames = messages.map(({ bytes, packed }) =>
            packed ? enveloped(gzipSync(bytes), 1) : enveloped(bytes, 0),
          )
          const chunks = cut(Buffer.concat(frames), places)
          expect(await readAll(chunks, { encoding: 'gzip' })).toEqual({
            messages: messages.map(({ bytes }) => Buffer.from(bytes).toString('hex')),
          })
        },
      ),
    )
  })

  it('that were read stay as they are while others arrive', async () => {
    const frames = Array.from({ length: 50 }, (_, index) => enveloped(Buffer.alloc(20, index), 0))
    const chunks = cut(
      Buffer.concat(frames),
      Array.from({ length: 1250 }, (_, index) => index),
    )
    const seen: Uint8Array[] = []
    const kept: MessageCodec = { ...codec, decode: (bytes) => seen.push(bytes) }
    for await (const _ of readMessages(bodyOf(chunks), {
      codec: kept,
      encoding: 'identity',
      maxBytes: 1000,
    }));
    expect(seen.map((bytes) => new Set(bytes))).toEqual(frames.map((_, index) => new Set([index])))
  })

  it('are refused by their size before they arrive', async () => {
    const prefix = Buffer.from([0, 0xff, 0xff, 0xff, 0xff])
    const endless = (function* () {
      yield enveloped(Buffer.from([1]), 0)
      yield prefix
      throw new Error('more was read')
    })()
    expect(await readAll(endless)).toEqual({ messages: ['01'], code: 'resource_exhausted' })
  })

  it.each([
    { name: 'that end in the prefix', frames: [Buffer.from([0, 0, 0])], code: 'invalid_argument' },
    {
      name: 'that end too early',
      frames: [enveloped(Buffer.alloc(9), 0).subarray(0, 8)],
      code: 'invalid_argument',
    },
    { name: 'with unknown flags', frames: [enveloped(Buffer.alloc(1), 4)], code: 'invalid_argument' },
    {
      name: 'that end the stream, which callers never say',
      frames: [enveloped(Buffer.from('{}'), 2)],
      code: 'invalid_argument',
    },
    { name: 'compressed without saying so', frames: [enveloped(gzipSync('a'), 1)], code: 'internal' },
  ])('$name are refused', async ({ frames, code }) => {
    expect(await readAll([enveloped(Buffer.from([7]), 0), ...frames])).toEqual({ messages: ['07'], code })
  })

  it('let go of the request when they are not wanted any more', async () => {
    let cancelled = false
    const stream = new ReadableStream<Uint8Array>({
      pull: (controller) => controller.enqueue(enveloped(Buffer.from([1]), 0)),
      cancel: () => {
        cancelled = true
      },
    })
    const body: RequestBody = { sizeBytes: undefined, read: () => Promise.reject(), stream: () => stream }
    for await (const _ of readMessages(body, { codec, encoding: 'identity', maxBytes: 10 })) break
    expect(cancelled).toBe(true)
  })
})
