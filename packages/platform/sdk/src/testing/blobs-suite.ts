import assert from 'node:assert/strict'
import { AtlasError, type BytesSource, byteStream } from '@atlas/contract'
import type { Blobs } from '../stores/blobs.ts'
import { blobsLaws, byUtf8 } from './blobs-laws.ts'

/** One thing that every blobs store does. */
export interface BlobsCase {
  readonly name: string
  /** @throws AssertionError when the store does not do it */
  readonly check: () => Promise<void>
}

/**
 * What every implementation of {@link Blobs} must do, for the runner of your choice:
 * `for (const { name, check } of blobsSuite(make)) test(name, check)`.
 *
 * @param make makes an empty store; called many times
 */
export function blobsSuite(make: () => Promise<Blobs>): readonly BlobsCase[] {
  const cases: Record<string, (blobs: Blobs) => Promise<void>> = {
    'a blob is what was put': async (blobs) => {
      const before = Date.now()
      const put = await blobs.put('notes/today.txt', 'Grüße', {
        contentType: 'text/plain',
        metadata: { author: 'ada' },
      })
      assert.equal(put.key, 'notes/today.txt')
      assert.equal(put.sizeBytes, 7)
      assert.equal(put.contentType, 'text/plain')
      assert.deepEqual({ ...put.metadata }, { author: 'ada' })
      assert.equal(new Date(put.modified).toISOString(), put.modified)
      assert.ok(Date.parse(put.modified) >= before - 1000, 'modified is the time of the write')
      assert.deepEqual(await blobs.head('notes/today.txt'), put)
      const got = await blobs.get('notes/today.txt')
      assert.ok(got)
      const { body, ...info } = got
      assert.deepEqual(info, put)
      assert.equal(body.contentType, 'text/plain')
      assert.equal(body.sizeBytes, 7)
      assert.equal(await textOf(body), 'Grüße')
    },
    'metadata comes back as it was, or is refused': async (blobs) => {
      const metadata = { Größe: 'zwei  Blanks ', '': '', emoji: '\u{1f4c1}', quote: `"\\'` }
      assert.deepEqual({ ...(await blobs.put('a', 'x', { metadata })).metadata }, metadata)
      assert.deepEqual({ ...(await blobs.head('a'))?.metadata }, metadata)
      assert.deepEqual(
        (await blobs.list()).map((info) => ({ ...info.metadata })),
        [metadata],
      )
      await blobs.put('full', 'x', { metadata: { a: 'x'.repeat(1790) } })
      await refuses(blobs.put('b', 'x', { metadata: { a: 'x'.repeat(1800) } }), 'invalid_argument')
      await refuses(blobs.put('b', 'x', { metadata: { a: 'ü'.repeat(300) } }), 'invalid_argument')
      assert.equal(await blobs.head('b'), undefined)
    },
    'under a key without a blob there is nothing': async (blobs) => {
      assert.equal(await blobs.get('nothing'), undefined)
      assert.equal(await blobs.head('nothing'), undefined)
      assert.equal(await blobs.delete('nothing'), false)
      assert.deepEqual([...(await blobs.list())], [])
    },
    'only the version that is meant is deleted': async (blobs) => {
      const old = await blobs.put('a', 'old')
      const now = await blobs.put('a', 'now')
      await assert.rejects(
        blobs.delete('a', { ifMatch: old.etag }),
        (error) => error instanceof AtlasError && error.code === 'failed_precondition',
      )
      assert.deepEqual(await blobs.head('a'), now)
      assert.equal(await blobs.delete('a', { ifMatch: now.etag }), true)
      assert.equal(await blobs.delete('a', { ifMatch: now.etag }), false)
    },
    'every kind of source can be put': async (blobs) => {
      const bytes = new TextEncoder().encode('bytes')
      const sources: Record<string, () => BytesSource> = {
        string: () => 'bytes',
        array: () => bytes,
        blob: () => new Blob([bytes]),
        stream: () => new Blob([bytes]).stream(),
        typed: () => byteStream(bytes, { contentType: 'application/x-test' }),
        iterable: () => chunks(bytes.subarray(0, 2), bytes.subarray(2)),
      }
      for (const [key, source] of Object.entries(sources)) {
        await blobs.put(key, source())
        assert.equal(await textAt(blobs, key), 'bytes', key)
      }
      assert.equal((await blobs.head('string'))?.contentType, 'text/plain; charset=utf-8')
      assert.equal((await blobs.head('array'))?.contentType, 'application/octet-stream')
      assert.equal((await blobs.head('typed'))?.contentType, 'application/x-test')
    },
    'a blob may be empty': async (blobs) => {
      assert.equal((await blobs.put('empty', new Uint8Array())).sizeBytes, 0)
      assert.equal(await textAt(blobs, 'empty'), '')
    },
    'a large blob arrives whole, and may be left half read': async (blobs) => {
      const chunk = Uint8Array.from({ length: 65_536 }, (_, index) => index % 251)
      const sent = Array.from({ length: 48 }, () => chunk)
      assert.equal((await blobs.put('large', chunks(...sent))).sizeBytes, 48 * 65_536)
      const read = new Uint8Array(await new Response((await blobs.get('large'))?.body).arrayBuffer())
      assert.equal(Buffer.compare(Buffer.concat(sent), read), 0)
      const left = (await blobs.get('large'))!.body.getReader()
      await left.read()
      await left.cancel()
      await (await blobs.get('large'))?.body.cancel()
      assert.equal(await blobs.delete('large'), true)
    },
    'every write changes the etag, even one of the same bytes': async (blobs) => {
      const first = await blobs.put('same', 'bytes')
      const second = await blobs.put('same', 'bytes')
      assert.notEqual(first.etag, second.etag)
      assert.equal((await blobs.head('same'))?.etag, second.etag)
    },
    'ifMatch writes over the blob it names only': async (blobs) => {
      const first = await blobs.put('counter', '1', { ifMatch: null })
      await refuses(blobs.put('counter', '1 again', { ifMatch: null }), 'failed_precondition')
      const second = await blobs.put('counter', '2', { ifMatch: first.etag })
      await refuses(blobs.put('counter', '3', { ifMatch: first.etag }), 'failed_precondition')
      assert.equal(await textAt(blobs, 'counter'), '2')
      await blobs.delete('counter')
      await refuses(blobs.put('counter', '4', { ifMatch: second.etag }), 'failed_precondition')
      assert.equal(await blobs.head('counter'), undefined)
      await blobs.put('counter', '5', { ifMatch: null })
      assert.equal(await textAt(blobs, 'counter'), '5')
    },
    'of writers that all want to be first, exactly one is': (blobs) => oneWins(blobs, null),
    'of writers that all change one blob, exactly one does': async (blobs) =>
      oneWins(blobs, (await blobs.put('contended', 'before')).etag),
    'a source that fails leaves the store as it was': async (blobs) => {
      await assert.rejects(blobs.put('new', broken()), /the source broke/)
      assert.equal(await blobs.head('new'), undefined)
      const before = await blobs.put('old', 'whole')
      await assert.rejects(blobs.put('old', broken()), /the source broke/)
      assert.deepEqual(await blobs.head('old'), before)
      assert.equal(await textAt(blobs, 'old'), 'whole')
      assert.deepEqual(
        (await blobs.list()).map(({ key }) => key),
        ['old'],
      )
    },
    'a reader goes on reading the blob it began with': async (blobs) => {
      const old = Array.from({ length: 8 }, () => new Uint8Array(65_536).fill(1))
      await blobs.put('replaced', chunks(...old))
      await blobs.put('deleted', chunks(...old))
      const [replaced, deleted] = [await blobs.get('replaced'), await blobs.get('deleted')]
      await blobs.put('replaced', 'new')
      await blobs.delete('deleted')
      for (const blob of [replaced, deleted]) {
        const bytes = new Uint8Array(await new Response(blob?.body).arrayBuffer())
        assert.equal(bytes.byteLength, blob?.sizeBytes)
        assert.ok(bytes.every((byte) => byte === 1))
      }
      assert.equal(await textAt(blobs, 'replaced'), 'new')
      assert.equal(await blobs.get('deleted'), undefined)
    },
    'keys that are no paths are refused, and nothing is found under them': async (blobs) => {
      for (const key of refusedKeys) {
        await refuses(blobs.put(key, 'x'), 'invalid_argument')
        assert.equal(await blobs.get(key), undefined)
        assert.equal(await blobs.head(key), undefined)
        assert.equal(await blobs.delete(key), false)
      }
      assert.deepEqual([...(await blobs.list())], [])
    },
    'keys that only look alike are different': async (blobs) => {
      for (const key of distinctKeys) await blobs.put(key, key, { ifMatch: null })
      for (const key of distinctKeys) assert.equal(await textAt(blobs, key), key)
      assert.deepEqual(
        (await blobs.list()).map(({ key }) => key),
        distinctKeys.toSorted(byUtf8),
      )
    },
  }
  return [
    ...Object.entries(cases).map(([name, check]) => ({ name, check: async () => check(await make()) })),
    ...blobsLaws(make),
  ]
}

const refusedKeys: readonly string[] = [
  '',
  '/',
  '/etc/passwd',
  'a/',
  'a//b',
  '.',
  '..',
  '../secret',
  'a/../../secret',
  'a/..',
  './a',
  'a\0b',
  'a\nb',
  'a\u0085b',
  'lone \ud800 surrogate',
  'x'.repeat(401),
  'ü'.repeat(201),
]

/** What file systems, URLs or a careless encoding would take for one another, or not bear. */
const distinctKeys: readonly string[] = [
  'a',
  'A',
  'a/b',
  'a/B',
  'a b',
  'a%2Fb',
  'a%20b',
  'a+b',
  'a\\b',
  'a:b',
  'a*b?',
  'a.',
  'a ',
  '.a',
  '...',
  '%2e%2e',
  '~',
  'con',
  'caf\u00e9',
  'cafe\u0301',
  '日本/語',
  '\u{1f4c1}',
  '\ue000',
  'x'.repeat(400),
  'ü'.repeat(200),
  '/.a'.repeat(133).slice(1),
  `${'x'.repeat(300)}/a`,
  `${'x'.repeat(300)}.a`,
]

async function oneWins(blobs: Blobs, ifMatch: string | null): Promise<void> {
  const texts = Array.from({ length: 16 }, (_, index) => `writer ${index}`)
  const bytesOf = (text: string) => chunks(...[...text].map((letter) => new TextEncoder().encode(letter)))
  const writes = await Promise.allSettled(
    texts.map((text) => blobs.put('contended', bytesOf(text), { ifMatch })),
  )
  const won = writes.findIndex(({ status }) => status === 'fulfilled')
  assert.equal(await textAt(blobs, 'contended'), texts[won])
  for (const [index, write] of writes.entries())
    if (index !== won) {
      assert.equal(write.status, 'rejected', `writers ${won} and ${index} both won`)
      assert.ok(write.reason instanceof AtlasError && write.reason.code === 'failed_precondition')
    }
}

async function refuses(promise: Promise<unknown>, code: string): Promise<void> {
  await assert.rejects(promise, (error) => error instanceof AtlasError && error.code === code)
}

async function* chunks(...parts: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* parts
}

async function* broken(): AsyncGenerator<Uint8Array> {
  yield new Uint8Array(10)
  throw new Error('the source broke')
}

async function textAt(blobs: Blobs, key: string): Promise<string | undefined> {
  const blob = await blobs.get(key)
  return blob && textOf(blob.body)
}

function textOf(body: ReadableStream<Uint8Array>): Promise<string> {
  return new Response(body).text()
}
