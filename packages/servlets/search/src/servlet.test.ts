import { randomUUID } from 'node:crypto'
import type { Change, FileInfo } from '@acme/files/contract'
import type { Postgres } from '@atlas/sdk'
import { open, testDatabase } from '@atlas/sdk/testing'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import search from './servlet.ts'

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 })

/** One index for all tests: each has people of its own. */
let index: Postgres & AsyncDisposable
beforeAll(async () => {
  index = await testDatabase({ servlet: 'search', store: 'index' })
})
afterAll(() => index[Symbol.asyncDispose]())

/** Somebody, with what happened to their files and what others let them read. */
function somebody() {
  const user = { id: randomUUID(), email: 'ada@acme.example', name: 'Ada' }
  const journal: Change[] = []
  const granted: { fileId: string; ownerId: string }[] = []
  return { user, journal, granted }
}
type Somebody = ReturnType<typeof somebody>

let minute = 0
function file(path: string, id: string = randomUUID()): FileInfo {
  const modified = new Date(Date.UTC(2026, 10, 25, 12, minute++)).toISOString()
  return { kind: 'file', id, path, sizeBytes: 1, contentType: 'text/plain', etag: '1', modified }
}
const written = (...paths: string[]): Change[] =>
  paths.map((path) => ({ kind: 'written', file: file(path), isNew: true }))

/** Search as `reader` sees it, where there are these people. Shows two changes at a time. */
function openFor(reader: Somebody, ...others: Somebody[]) {
  const journalOf = (id: string) => [reader, ...others].find(({ user }) => user.id === id)!.journal
  const at = '2026-11-25T12:00:00.000Z'
  return open(search, {
    user: reader.user,
    stores: { index },
    calls: {
      files: {
        changesOf: async ({ accountId, since }) => {
          const entries = journalOf(accountId).map((what, n) => ({ revision: n + 1, at, what }))
          return { entries: entries.slice(since, since + 2), more: entries.length > since + 2 }
        },
      },
      sharing: { grantsOf: async () => ({ items: reader.granted }) },
    },
  })
}

const pathsOf = async (client: ReturnType<typeof openFor>, q: string) =>
  (await client.find({ q })).items.map(({ path }) => path)

test('finds words of names and folders, and the beginnings of words, newest first', async () => {
  const ada = somebody()
  ada.journal.push(...written('notes/Team-Plan.md', 'plans/2026.csv', 'photo.png', 'café/日本語.txt'))
  const client = openFor(ada)
  expect(await pathsOf(client, 'plan')).toEqual(['plans/2026.csv', 'notes/Team-Plan.md'])
  expect(await pathsOf(client, 'TEAM plan')).toEqual(['notes/Team-Plan.md'])
  expect(await pathsOf(client, 'notes/team')).toEqual(['notes/Team-Plan.md'])
  expect(await pathsOf(client, 'café')).toEqual(['café/日本語.txt'])
  expect(await pathsOf(client, '日本')).toEqual(['café/日本語.txt'])
  expect(await pathsOf(client, 'lan')).toEqual([])
})

test.each(["'", '\\', ':*', '! | &', '<->', '...', "a'b \\ :* )("])('takes %j for text', async (q) => {
  const ada = somebody()
  ada.journal.push(...written('plan.md'))
  expect(await pathsOf(openFor(ada), q)).toEqual([])
})

test('finds what was uploaded a moment ago, under the name that it has now, and nothing that is gone', async () => {
  const ada = somebody()
  const client = openFor(ada)
  expect(await pathsOf(client, 'plan')).toEqual([])
  const plan = file('plan.md')
  ada.journal.push({ kind: 'written', file: plan, isNew: true })
  expect(await pathsOf(client, 'plan')).toEqual(['plan.md'])
  ada.journal.push({ kind: 'moved', file: file('scheme.md', plan.id), from: 'plan.md' })
  expect([await pathsOf(client, 'plan'), await pathsOf(client, 'scheme')]).toEqual([[], ['scheme.md']])
  ada.journal.push({ kind: 'removed', fileId: plan.id, path: 'scheme.md' })
  expect(await pathsOf(client, 'scheme')).toEqual([])
})

test('finds files of others only where they are shared, and by their names alone', async () => {
  const [ada, eve] = [somebody(), somebody()]
  const plan = file('secret/plan.md')
  eve.journal.push({ kind: 'written', file: plan, isNew: true }, ...written('secret/diary.md'))
  const client = openFor(ada, eve)
  expect(await pathsOf(client, 'plan')).toEqual([])
  ada.granted.push({ fileId: plan.id, ownerId: eve.user.id })
  expect((await client.find({ q: 'plan' })).items).toMatchObject([{ path: 'plan.md', ownerId: eve.user.id }])
  expect([await pathsOf(client, 'diary'), await pathsOf(client, 'secret')]).toEqual([[], []])
})

test('pages of hits are the hits', async () => {
  const ada = somebody()
  ada.journal.push(...written(...Array.from({ length: 7 }, (_, n) => `plan ${n}.md`)))
  const client = openFor(ada)
  const seen: string[] = []
  for (let cursor: string | undefined; ; ) {
    const page = await client.find({ q: 'plan', limit: 3, cursor })
    seen.push(...page.items.map(({ path }) => path))
    cursor = page.next
    if (cursor === undefined) break
  }
  expect(seen).toEqual([6, 5, 4, 3, 2, 1, 0].map((n) => `plan ${n}.md`))
})

test('many searches at once follow the journal once', async () => {
  const ada = somebody()
  ada.journal.push(...written('plan 1.md', 'plan 2.md', 'plan 3.md', 'plan 4.md', 'plan 5.md'))
  const client = openFor(ada)
  const found = await Promise.all(Array.from({ length: 6 }, () => pathsOf(client, 'plan')))
  for (const paths of found) expect(paths).toHaveLength(5)
})
