import { randomUUID } from 'node:crypto'
import type { FileInfo } from '@acme/files/contract'
import type { Account } from '@acme/identity/contract'
import { AtlasError } from '@atlas/contract'
import type { Postgres } from '@atlas/sdk'
import { open, testDatabase } from '@atlas/sdk/testing'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import servlet from './servlet.ts'

// Hashing passwords is work on purpose, and machines that run tests are busy.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 })

/** One database for all tests: each has people of its own. */
let links: Postgres & AsyncDisposable
beforeAll(async () => {
  links = await testDatabase({ servlet: 'sharing', store: 'links' })
})
afterAll(() => links[Symbol.asyncDispose]())

const accounts: Account[] = []

function somebody(name: string): Account {
  const account = { id: randomUUID(), email: `${randomUUID()}@acme.example`, name }
  accounts.push(account)
  return account
}

const noSuch = (kind: string) => new AtlasError('not_found', 'no such', { kind, data: {} })

const identity = {
  account: async ({ id }: { id: string }) => find(accounts, 'noSuchAccount', (each) => each.id === id),
  accountByEmail: async ({ email }: { email: string }) =>
    find(accounts, 'noSuchAccount', (each) => each.email === email),
}

function find<T>(all: readonly T[], kind: string, is: (one: T) => boolean): T {
  const found = all.find(is)
  if (!found) throw noSuch(kind)
  return found
}

/** Everybody has `plan.md` in a folder, with an id of their own. */
const fileOf = ({ id }: { id: string }): FileInfo => ({
  ...{ kind: 'file', id, path: 'notes/plan.md', sizeBytes: 4, contentType: 'text/markdown' },
  ...{ etag: '1', modified: '2026-11-25T12:00:00.000Z' },
})

function openFor(user: Account | undefined, config = {}) {
  const files = {
    stat: async ({ path }: { path: string }) => {
      if (path !== 'notes/plan.md') throw noSuch('noSuchFile')
      return fileOf(user!)
    },
    fileOf: async ({ accountId }: { accountId: string }) => fileOf({ id: accountId }),
    contentOf: async () => 'plan',
  }
  return open(servlet, { ...(user && { user }), config, stores: { links }, calls: { files, identity } })
}

const textOf = (body: ReadableStream<Uint8Array>) => new Response(body).text()
const kind = (name: string) => expect.objectContaining({ kind: name })
const path = 'notes/plan.md'

describe('a link', () => {
  test('lets everybody read the file, and shows nothing of its folder', async () => {
    const ada = somebody('Ada')
    const owner = openFor(ada)
    const link = await owner.createLink({ path })
    const reader = openFor(undefined)
    const opened = await reader.openLink({ id: link.id })
    expect(opened).toMatchObject({ file: { name: 'plan.md', sizeBytes: 4 }, owner: 'Ada' })
    expect(JSON.stringify(opened)).not.toContain('notes')
    expect(await textOf(await reader.downloadLink({ id: link.id, ticket: opened.ticket }))).toBe('plan')
    expect((await owner.links()).items).toEqual([{ ...link, opened: 1 }])
  })

  test('with a password opens by nothing else', async () => {
    const { id } = await openFor(somebody('Ada')).createLink({ path, password: 'jacquard' })
    const reader = openFor(undefined)
    await expect(reader.openLink({ id })).rejects.toEqual(kind('needsPassword'))
    await expect(reader.openLink({ id, password: 'Jacquard' })).rejects.toEqual(kind('wrongPassword'))
    expect((await reader.openLink({ id, password: 'jacquard' })).file.name).toBe('plan.md')
    const { rows } = await links.query('SELECT * FROM links WHERE id = $1', [id])
    expect(JSON.stringify(rows)).not.toContain('jacquard')
  })

  test('slows down who guesses', async () => {
    const { id } = await openFor(somebody('Ada')).createLink({ path, password: 'jacquard' })
    const reader = openFor(undefined)
    const guesses = []
    for (let n = 0; n < 11; n++) guesses.push(await reader.openLink.result({ id, password: `guess ${n}` }))
    const kinds = guesses.map((guess) => !guess.ok && guess.error.kind)
    expect(kinds.filter((each) => each === 'wrongPassword')).toHaveLength(10)
    await expect(reader.openLink({ id, password: 'jacquard' })).rejects.toMatchObject({
      kind: 'tooManyAttempts',
      data: { retryAfterSeconds: expect.any(Number) },
    })
  })

  test('ends when it should', async () => {
    const owner = openFor(somebody('Ada'), { maxLinkDays: 1 })
    const at = (ms: number) => new Date(Date.now() + ms).toISOString()
    for (const expires of [at(-1000), at(2 * 86_400_000)])
      await expect(owner.createLink({ path, expires })).rejects.toMatchObject({
        kind: 'expiryOutOfRange',
        data: { latest: expect.any(String) },
      })
    const { id } = await owner.createLink({ path, expires: at(3_600_000) })
    const reader = openFor(undefined)
    const { ticket } = await reader.openLink({ id })
    await links.query(`UPDATE links SET expires = now() - interval '1 second' WHERE id = $1`, [id])
    await expect(reader.openLink({ id })).rejects.toEqual(kind('expired'))
    expect(ticket).not.toBe('')
  })

  test('is its owner’s to remove, and takes its tickets along', async () => {
    const owner = openFor(somebody('Ada'))
    const { id } = await owner.createLink({ path })
    const reader = openFor(undefined)
    const { ticket } = await reader.openLink({ id })
    await expect(openFor(somebody('Eve')).removeLink({ id })).rejects.toEqual(kind('noSuchLink'))
    await owner.removeLink({ id })
    await expect(reader.openLink({ id })).rejects.toEqual(kind('noSuchLink'))
    await expect(reader.downloadLink({ id, ticket })).rejects.toEqual(kind('noTicket'))
  })

  test('needs a file of the caller', async () => {
    await expect(openFor(somebody('Ada')).createLink({ path: 'x' })).rejects.toEqual(kind('noSuchFile'))
  })
})

describe('a ticket', () => {
  test('is for one link, and for a while', async () => {
    const owner = openFor(somebody('Ada'), { ticketMinutes: 0 })
    const [one, other] = [await owner.createLink({ path }), await owner.createLink({ path })]
    const { ticket } = await openFor(undefined).openLink({ id: one.id })
    const reader = openFor(undefined)
    await expect(reader.downloadLink({ id: other.id, ticket })).rejects.toEqual(kind('noTicket'))
    const late = await owner.openLink({ id: one.id })
    await expect(reader.linked({ id: one.id, ticket: late.ticket })).rejects.toEqual(kind('noTicket'))
    expect(await reader.linked({ id: one.id, ticket })).toMatchObject({ file: { path } })
  })
})

describe('a grant', () => {
  test('lets one person read, until it is taken back', async () => {
    const [ada, eve, mallory] = [somebody('Ada'), somebody('Eve'), somebody('Mallory')]
    const owner = openFor(ada)
    const grant = await owner.grant({ path, email: eve.email.toUpperCase() })
    expect(grant).toEqual({ id: grant.id, fileId: ada.id, reader: { id: eve.id, name: 'Eve' } })
    const reader = openFor(eve)
    const { items } = await reader.received()
    expect(items).toMatchObject([{ id: grant.id, file: { path: 'plan.md' }, owner: { name: 'Ada' } }])
    expect(await textOf(await reader.download({ id: grant.id }))).toBe('plan')
    expect((await reader.grantsOf({ readerId: eve.id })).items).toEqual([{ fileId: ada.id, ownerId: ada.id }])
    await expect(openFor(mallory).download({ id: grant.id })).rejects.toEqual(kind('noSuchGrant'))
    await expect(reader.revoke({ id: grant.id })).rejects.toEqual(kind('noSuchGrant'))
    await owner.revoke({ id: grant.id })
    await expect(reader.download({ id: grant.id })).rejects.toEqual(kind('noSuchGrant'))
  })

  test('that is given twice is one, and is told once', async () => {
    const [ada, eve] = [somebody('Ada'), somebody('Eve')]
    const owner = openFor(ada)
    const given = await Promise.all([1, 2, 3].map(() => owner.grant({ path, email: eve.email })))
    expect(new Set(given.map(({ id }) => id)).size).toBe(1)
    const { entries } = await owner.eventsOf({ accountId: eve.id })
    expect(entries.map(({ what }) => what)).toEqual([
      { kind: 'received', path: 'plan.md', owner: { id: ada.id, name: 'Ada' } },
    ])
  })

  test('is for somebody else who has an account', async () => {
    const ada = somebody('Ada')
    const owner = openFor(ada)
    await expect(owner.grant({ path, email: 'nobody@acme.example' })).rejects.toEqual(kind('noSuchPerson'))
    await expect(owner.grant({ path, email: ada.email })).rejects.toEqual(kind('yourself'))
  })

  test('of two people who share with each other at once waits for nobody', async () => {
    const [ada, eve] = [somebody('Ada'), somebody('Eve')]
    const both = Array.from({ length: 5 }, () => [
      openFor(ada).grant({ path, email: eve.email }),
      openFor(eve).grant({ path, email: ada.email }),
    ])
    await Promise.all(both.flat())
    expect((await openFor(ada).eventsOf({ accountId: ada.id })).entries).toHaveLength(2)
  })
})

test('pages of links are the links, newest first', async () => {
  const owner = openFor(somebody('Ada'))
  const made: string[] = []
  for (let n = 0; n < 5; n++) made.unshift((await owner.createLink({ path })).id)
  const seen: string[] = []
  for (let cursor: string | undefined; ; ) {
    const page = await owner.links({ limit: 2, cursor })
    seen.push(...page.items.map(({ id }) => id))
    cursor = page.next
    if (cursor === undefined) break
  }
  expect(seen.toSorted()).toEqual(made.toSorted())
})

test('the owner hears of a link’s first opening, not of all', async () => {
  const ada = somebody('Ada')
  const owner = openFor(ada)
  const { id } = await owner.createLink({ path })
  for (let n = 0; n < 3; n++) await openFor(undefined).openLink({ id })
  const { entries, more } = await owner.eventsOf({ accountId: ada.id })
  expect(entries.map(({ revision, what }) => [revision, what.kind])).toEqual([
    [1, 'linked'],
    [2, 'opened'],
  ])
  expect(more).toBe(false)
})
