import assert from 'node:assert/strict'
import { AtlasError } from '@atlas/contract'
import fc from 'fast-check'
import type { Blobs } from '../stores/blobs.ts'
import type { BlobsCase } from './blobs-suite.ts'

/** What holds for any use of a store, checked against a Map. */
export function blobsLaws(make: () => Promise<Blobs>): readonly BlobsCase[] {
  // Few letters, so that keys meet; characters of one to four bytes, of which UTF-16 would sort the last two otherwise.
  const segment = fc.string({
    unit: fc.constantFrom('a', 'b', '-', 'é', '\ue000', '\u{1f4c1}'),
    minLength: 1,
    maxLength: 3,
  })
  const key = fc.array(segment, { minLength: 1, maxLength: 3 }).map((segments) => segments.join('/'))
  const listing = fc.record(
    {
      prefix: fc.oneof(fc.constant(''), key, segment),
      after: key,
      limit: fc.integer({ min: 1, max: 5 }),
    },
    { requiredKeys: [] },
  )
  const step: fc.Arbitrary<Step> = fc.oneof(
    fc.record({
      do: fc.constant('put' as const),
      key,
      bytes: fc.uint8Array({ maxLength: 20 }),
      ifMatch: fc.constantFrom('any', 'none', 'current', 'outdated'),
    }),
    fc.record({ do: fc.constant('delete' as const), key }),
    fc.record({ do: fc.constant('get' as const), key }),
    fc.record({ do: fc.constant('list' as const), options: listing }),
  )
  return [
    {
      name: 'any sequence of operations does what it would do to a map',
      check: () =>
        fc.assert(
          fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 30 }), async (steps) => {
            const blobs = await make()
            const model: Model = new Map()
            for (const each of steps) await take(each, blobs, model)
          }),
          { numRuns: 60 },
        ),
    },
    {
      name: 'pages of a list are the list',
      check: () =>
        fc.assert(
          fc.asyncProperty(
            fc.uniqueArray(key, { maxLength: 12 }),
            fc.integer({ min: 1, max: 5 }),
            async (keys, limit) => {
              const blobs = await make()
              await Promise.all(keys.map((each) => blobs.put(each, each)))
              const seen: string[] = []
              for (let after: string | undefined; ; after = seen.at(-1)) {
                const page = await blobs.list({ limit, ...(after === undefined ? {} : { after }) })
                seen.push(...page.map((info) => info.key))
                if (page.length < limit) break
              }
              assert.deepEqual(seen, keys.toSorted(byUtf8))
            },
          ),
          { numRuns: 30 },
        ),
    },
  ]
}

/** The order of keys, in words of its own: a store may well use `compareKeys`. */
export function byUtf8(a: string, b: string): number {
  return Buffer.from(a).compare(Buffer.from(b))
}

type Step =
  | { do: 'put'; key: string; bytes: Uint8Array; ifMatch: 'any' | 'none' | 'current' | 'outdated' }
  | { do: 'delete'; key: string }
  | { do: 'get'; key: string }
  | { do: 'list'; options: { prefix?: string; after?: string; limit?: number } }

type Model = Map<string, { bytes: Uint8Array; etag: string }>

async function take(step: Step, blobs: Blobs, model: Model): Promise<void> {
  switch (step.do) {
    case 'put':
      return put(step, blobs, model)
    case 'delete':
      return assert.equal(await blobs.delete(step.key), model.delete(step.key))
    case 'get': {
      const expected = model.get(step.key)
      const blob = await blobs.get(step.key)
      assert.equal(blob?.etag, expected?.etag)
      const bytes = blob && new Uint8Array(await new Response(blob.body).arrayBuffer())
      return assert.equal(bytes?.join(), expected?.bytes.join())
    }
    case 'list': {
      const { prefix = '', after, limit } = step.options
      const expected = [...model.keys()]
        .filter((key) => key.startsWith(prefix) && (after === undefined || byUtf8(key, after) > 0))
        .sort(byUtf8)
        .slice(0, limit)
      const found = await blobs.list(step.options)
      return assert.deepEqual(
        found.map(({ key }) => key),
        expected,
      )
    }
  }
}

async function put(step: Step & { do: 'put' }, blobs: Blobs, model: Model): Promise<void> {
  const { key, bytes } = step
  const current = model.get(key)?.etag ?? null
  const ifMatch = { any: undefined, none: null, current, outdated: 'outdated' }[step.ifMatch]
  const write = blobs.put(key, bytes, ifMatch === undefined ? {} : { ifMatch })
  if (ifMatch === undefined || ifMatch === current) model.set(key, { bytes, etag: (await write).etag })
  else
    await assert.rejects(
      write,
      (error) => error instanceof AtlasError && error.code === 'failed_precondition',
    )
}
