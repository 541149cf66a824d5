import { randomUUID } from 'node:crypto'
import type { Happening } from '@acme/activity/contract'
import type { Postgres } from '@atlas/sdk'
import { open, testDatabase } from '@atlas/sdk/testing'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import notifications from './servlet.ts'

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 })

/** One inbox for all tests: each has somebody of its own. */
let inbox: Postgres & AsyncDisposable
beforeAll(async () => {
  inbox = await testDatabase({ servlet: 'notifications', store: 'inbox' })
})
afterAll(() => inbox[Symbol.asyncDispose]())

const at = '2026-11-25T12:00:00.000Z'

/** Somebody, and what happens to them. */
function somebody() {
  const user = { id: randomUUID(), email: 'ada@acme.example', name: 'Ada' }
  const happenings: Happening[] = []
  const happeningsOf = async ({ since }: { since: number }) => {
    const entries = happenings.map((what, n) => ({ revision: n + 1, at, what })).slice(since, since + 2)
    return { entries, more: happenings.length > since + 2 }
  }
  const client = open(notifications, {
    user,
    stores: { inbox },
    config: { watchMs: 10 },
    calls: { activity: { happeningsOf } },
  })
  const person = { id: user.id, name: 'Eve' }
  const tell = (...paths: string[]) =>
    happenings.push(...paths.map((path) => ({ kind: 'received' as const, path, person })))
  return { client, happenings, tell }
}

test('tells what others did, newest first, and not what one did oneself', async () => {
  const { client, happenings, tell } = somebody()
  happenings.push({ kind: 'added', path: 'mine' }, { kind: 'linked', path: 'mine' })
  tell('a')
  happenings.push({ kind: 'opened', path: 'mine' })
  expect((await client.list()).items).toEqual([
    { id: 4, at, kind: 'opened', text: 'Somebody opened your link to mine', isRead: false },
    { id: 3, at, kind: 'received', text: 'Eve lets you read a', isRead: false },
  ])
})

test('counts what is unread, until it is read', async () => {
  const { client, tell } = somebody()
  expect(await client.unread()).toEqual({ unread: 0 })
  tell('a', 'b', 'c')
  expect(await client.unread()).toEqual({ unread: 3 })
  expect(await client.read({ upTo: 2 })).toEqual({ unread: 1 })
  expect(await client.read({ upTo: 2 })).toEqual({ unread: 1 })
  expect((await client.list()).items.map(({ id, isRead }) => [id, isRead])).toEqual([
    [3, false],
    [2, true],
    [1, true],
  ])
})

test('streams what is unread, and then what comes, each once', async () => {
  const { client, tell } = somebody()
  tell('a', 'b')
  await client.read({ upTo: 1 })
  const seen: string[] = []
  for await (const { text } of client.watch()) {
    seen.push(text.slice(-1))
    if (seen.length === 1) tell('c')
    if (seen.length === 2) tell('d', 'e')
    if (seen.length === 4) break
  }
  expect(seen).toEqual(['b', 'c', 'd', 'e'])
})

test('two who watch see the same', async () => {
  const { client, tell } = somebody()
  const watching = Array.from({ length: 2 }, async () => {
    const seen: number[] = []
    for await (const { id } of client.watch()) if (seen.push(id) === 3) return seen
  })
  tell('a', 'b', 'c')
  expect(await Promise.all(watching)).toEqual([
    [1, 2, 3],
    [1, 2, 3],
  ])
})

test('goes on page by page', async () => {
  const { client, tell } = somebody()
  tell('a', 'b', 'c')
  const first = await client.list({ limit: 2 })
  const second = await client.list({ limit: 2, cursor: first.next })
  expect([first, second].map(({ items }) => items.map(({ id }) => id))).toEqual([[3, 2], [1]])
  expect(second.next).toBeUndefined()
})

test('ends when the watcher goes away', async () => {
  const { client, tell } = somebody()
  tell('a')
  const gone = new AbortController()
  const watching = async () => {
    for await (const _ of client.watch({}, { signal: gone.signal })) gone.abort()
  }
  await expect(watching()).rejects.toMatchObject({ code: 'canceled' })
})
