import { randomUUID } from 'node:crypto'
import type { Change } from '@acme/files/contract'
import type { SharingEvent } from '@acme/sharing/contract'
import type { Postgres } from '@atlas/sdk'
import { open, testDatabase } from '@atlas/sdk/testing'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import activity from './servlet.ts'

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 })

/** One store for all tests: each has somebody of its own. */
let feed: Postgres & AsyncDisposable
beforeAll(async () => {
  feed = await testDatabase({ servlet: 'activity', store: 'feed' })
})
afterAll(() => feed[Symbol.asyncDispose]())

interface Recorded<T> {
  readonly revision: number
  readonly at: string
  readonly what: T
}

const at = (minute: number) => new Date(Date.UTC(2026, 10, 25, 12, minute)).toISOString()
const person = { id: randomUUID(), name: 'Eve' }

/** Somebody, and the journals of other servlets about them. Each shows two entries at a time. */
function somebody() {
  const user = { id: randomUUID(), email: 'ada@acme.example', name: 'Ada' }
  const changes: Recorded<Change>[] = []
  const events: Recorded<SharingEvent>[] = []
  const show = <T>(journal: readonly Recorded<T>[], since: number) => {
    const entries = journal.filter(({ revision }) => revision > since)
    return { entries: entries.slice(0, 2), more: entries.length > 2 }
  }
  const client = open(activity, {
    user,
    stores: { feed },
    calls: {
      files: { changesOf: async ({ since }) => show(changes, since) },
      sharing: { eventsOf: async ({ since }) => show(events, since) },
    },
  })
  const removed = (minute: number, path: string) =>
    changes.push({
      revision: changes.length + 1,
      at: at(minute),
      what: { kind: 'removed', fileId: randomUUID(), path },
    })
  const received = (minute: number, path: string) =>
    events.push({
      revision: events.length + 1,
      at: at(minute),
      what: { kind: 'received', path, owner: person },
    })
  return { user, client, removed, received }
}

test('is what happened in all servlets, newest first', async () => {
  const { client, removed, received } = somebody()
  removed(1, 'a')
  received(2, 'plan.md')
  removed(3, 'b')
  expect((await client.feed()).items).toEqual([
    { at: at(3), what: { kind: 'removed', path: 'b' } },
    { at: at(2), what: { kind: 'received', path: 'plan.md', person } },
    { at: at(1), what: { kind: 'removed', path: 'a' } },
  ])
})

test('goes on where it was, page by page', async () => {
  const { client, removed } = somebody()
  for (let n = 1; n <= 7; n++) removed(n, `${n}`)
  const seen: string[] = []
  for (let cursor: string | undefined; ; ) {
    const page = await client.feed({ limit: 3, cursor })
    seen.push(...page.items.map(({ what }) => what.path))
    cursor = page.next
    if (cursor === undefined) break
    removed(10, 'later') // does not shift what is still to come
  }
  expect(seen).toEqual(['7', '6', '5', '4', '3', '2', '1'])
})

test('is the same however many ask at once', async () => {
  const { client, removed, received } = somebody()
  for (let n = 1; n <= 5; n++) {
    removed(n, `${n}`)
    received(n, `${n}`)
  }
  const feeds = await Promise.all(Array.from({ length: 6 }, () => client.feed()))
  for (const { items } of feeds) expect(items).toHaveLength(10)
})

test('is a journal for others, who hear of everything once', async () => {
  const { user, client, removed, received } = somebody()
  const seen: string[] = []
  let since = 0
  const follow = async () => {
    for (let more = true; more; ) {
      const news = await client.happeningsOf({ accountId: user.id, since, limit: 2 })
      seen.push(...news.entries.map(({ what }) => `${what.kind} ${what.path}`))
      since = news.entries.at(-1)?.revision ?? since
      more = news.more
    }
  }
  removed(1, 'a')
  removed(2, 'b')
  await follow()
  received(1, 'late') // happened before, and became known after
  removed(3, 'c')
  await follow()
  await follow()
  expect(seen.slice(0, 2)).toEqual(['removed a', 'removed b'])
  expect(seen.slice(2).toSorted()).toEqual(['received late', 'removed c'])
})
