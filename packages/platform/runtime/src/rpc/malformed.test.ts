import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import type { Dispatcher } from '../dispatch.ts'
import { enveloped } from './envelope.ts'
import { exchange, notesDispatcher, type Received } from './fixtures/exchange.ts'
import { frame, framesOf } from './fixtures/notes-codec.ts'

let dispatcher: Dispatcher
beforeAll(async () => {
  dispatcher = await notesDispatcher()
})

const runs = 2500

/** Right bodies, to be made wrong. */
const right = {
  Create: frame('notes.CreateRequest', {
    folder: 'a',
    title: 'b',
    tags: ['x', 'y'],
    place: { row: 1, column: 2 },
  }),
  Find: frame('notes.FindRequest', { text: 'a', ids: [1, -1], weight: 1.5, colour: 'red' }),
  Count: frame('notes.CountRequest', { to: 3 }),
  Upload: frame('notes.UploadRequest', {
    path: 'a',
    body: { contentType: 'text/plain', data: Buffer.from('hi') },
  }),
  Download: frame('notes.DownloadRequest', { how: 'text' }),
} as const
const methods = Object.keys(right) as (keyof typeof right)[]

interface Edit {
  readonly at: number
  readonly byte: number
  readonly what: 'cut' | 'insert' | 'replace' | 'repeat'
}
const edit: fc.Arbitrary<Edit> = fc.record({
  at: fc.nat(),
  byte: fc.nat(255),
  what: fc.constantFrom('cut', 'insert', 'replace', 'repeat'),
})

function edited(bytes: Buffer, { at: place, byte, what }: Edit): Buffer {
  const at = place % (bytes.byteLength + 1)
  const [before, after] = [bytes.subarray(0, at), bytes.subarray(at)]
  if (what === 'cut') return before
  if (what === 'insert') return Buffer.concat([before, Buffer.from([byte]), after])
  if (what === 'replace') return Buffer.concat([before, Buffer.from([byte]), after.subarray(1)])
  return Buffer.concat([bytes, before])
}

const bodies = fc
  .record({
    method: fc.constantFrom(...methods),
    edits: fc.array(edit, { maxLength: 6 }),
    raw: fc.option(fc.uint8Array({ maxLength: 30 }), { nil: undefined, freq: 3 }),
    packed: fc.boolean(),
  })
  .map(({ method, edits, raw, packed }) => {
    const whole = raw ? Buffer.from(raw) : right[method]
    const bytes = edits.reduce(edited, packed && !raw ? enveloped(gzipSync(whole.subarray(5)), 1) : whole)
    return { method, bytes }
  })

const text = fc.oneof(
  fc.string({ unit: 'binary-ascii', maxLength: 20 }),
  fc.constantFrom('gzip', 'identity', 'br', '1', '2', '10S', '0m', '99999999H', 'gzip, br', '', '5', 'soon'),
)
const headers = (names: readonly string[]) =>
  fc.dictionary(fc.constantFrom(...names), text, { maxKeys: 3, noNullPrototype: true })

const codes = new Set(Array.from({ length: 17 }, (_, code) => String(code)))

describe('malformed requests', () => {
  it('in gRPC are refused as the caller asked them, by a status', async () => {
    await fc.assert(
      fc.asyncProperty(
        bodies,
        headers(['grpc-encoding', 'grpc-accept-encoding', 'grpc-timeout', 'authorization', 'te']),
        fc.constantFrom(
          'application/grpc',
          'application/grpc+json',
          'application/grpc;x',
          'application/grpc+proto',
        ),
        async ({ method, bytes }, more, type) => {
          const answer = await exchange(dispatcher, {
            path: `/notes.Notes/${method}`,
            headers: { 'content-type': type, ...more },
            body: [bytes],
          })
          expect(answer.status).toBe(200)
          const status = answer.trailers.get('grpc-status') ?? answer.headers.get('grpc-status')
          expect(codes).toContain(status)
          sane(answer)
          framesOf(answer.body)
        },
      ),
      { numRuns: runs },
    )
  })

  it('in Connect are refused as the caller asked them, and none of it is our fault', async () => {
    await fc.assert(
      fc.asyncProperty(
        bodies,
        headers([
          'content-encoding',
          'connect-content-encoding',
          'connect-timeout-ms',
          'connect-protocol-version',
        ]),
        fc.constantFrom(
          'application/json',
          'application/proto',
          'application/connect+json',
          'application/connect+proto',
          'text/html',
        ),
        fc.boolean(),
        async ({ method, bytes }, more, type, bare) => {
          const answer = await exchange(dispatcher, {
            path: `/notes.Notes/${method}`,
            headers: { 'content-type': type, ...more },
            body: [bare ? bytes.subarray(5) : bytes],
          })
          expect([200, 400, 401, 404, 415, 429, 501, 504]).toContain(answer.status)
          sane(answer)
          if (answer.headers.get('content-type')?.startsWith('application/connect+')) {
            const last = framesOf(answer.body).at(-1)!
            expect(last.flags).toBe(2)
            JSON.parse(last.message.toString())
          }
        },
      ),
      { numRuns: runs },
    )
  })

  it('by GET are refused', async () => {
    const query = fc.oneof(
      fc.webQueryParameters(),
      fc
        .tuple(fc.constantFrom('connect', 'encoding', 'message', 'base64', 'compression'), text)
        .chain(([name, value]) =>
          fc.webQueryParameters().map((rest) => `${name}=${encodeURIComponent(value)}&${rest}`),
        ),
      fc.string({ unit: 'binary-ascii', maxLength: 60 }),
    )
    await fc.assert(
      fc.asyncProperty(query, async (query) => {
        const answer = await exchange(dispatcher, { path: '/notes.Notes/Echo', method: 'GET', query })
        expect([200, 400, 501]).toContain(answer.status)
        sane(answer)
      }),
      { numRuns: runs },
    )
  })

  it('for methods that are not there are refused', async () => {
    const path = fc.oneof(
      fc.webPath(),
      fc.string({ unit: 'binary-ascii', maxLength: 30 }).map((text) => `/${text}`),
      fc.constantFrom(
        '/notes.Notes/',
        '/notes.Notes/__proto__',
        '/./',
        '/__proto__/toString',
        '/notes.Notes/Echo/',
      ),
    )
    await fc.assert(
      fc.asyncProperty(path, async (path) => {
        const answer = await exchange(dispatcher, {
          path,
          headers: { 'content-type': 'application/grpc' },
          body: [],
        })
        expect([answer.status, answer.headers.get('grpc-status')]).toEqual([200, '12'])
      }),
      { numRuns: runs },
    )
  })
})

/** Nothing of ours broke: what is said of an error is what callers may see. */
function sane({ error }: Received): void {
  expect(error?.cause).toBeUndefined()
  expect(error?.message).not.toBe('internal error')
  expect(Object.keys(Object.prototype)).toEqual([])
}
