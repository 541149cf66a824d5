import { open } from '@atlas/sdk/testing'
import { expect, test } from 'vitest'
import files from './servlet.ts'

const user = { id: '2c1f0d36-3b0e-4a55-9d4e-0f6f2a3f1b01', email: 'ada@acme.example', name: 'Ada' }
const config = { watchMs: 10 }

test('tells what is there, and then what changes', async () => {
  await using client = open(files, { user, config, calls: { identity: {} } })
  await client.upload({ path: 'a', body: 'a' })
  const seen: string[] = []
  for await (const change of client.watch()) {
    if (change.kind === 'written') seen.push(`${change.isNew ? 'new' : 'known'} ${change.file.path}`)
    if (change.kind === 'moved') seen.push(`${change.from} to ${change.file.path}`)
    if (change.kind === 'removed') seen.push(`no ${change.path}`)
    if (seen.length === 1) {
      await client.upload({ path: 'b', body: 'b' })
      await client.upload({ path: 'b', body: 'bb' })
      await client.move({ from: 'b', to: 'c' })
      await client.remove({ path: 'a' })
    }
    if (seen.length === 5) break
  }
  expect(seen).toEqual(['known a', 'new b', 'known b', 'b to c', 'no a'])
})

test('ends when the watcher goes away', async () => {
  await using client = open(files, { user, config, calls: { identity: {} } })
  await client.upload({ path: 'a', body: 'a' })
  const gone = new AbortController()
  const watching = async () => {
    for await (const _ of client.watch({}, { signal: gone.signal })) gone.abort()
  }
  await expect(watching()).rejects.toMatchObject({ code: 'canceled' })
})

test('a journal has everything, in order, however many write at once', async () => {
  await using client = open(files, { user, caller: 'search', calls: { identity: {} } })
  const paths = Array.from({ length: 12 }, (_, n) => `${n}`)
  let done = false
  const writing = Promise.all(paths.map((path) => client.upload({ path, body: path }))).finally(() => {
    done = true
  })
  const seen: string[] = []
  let since = 0
  for (let more = true; more || !done; ) {
    const news = await client.changesOf({ accountId: user.id, since, limit: 3 })
    for (const { revision, what } of news.entries) {
      expect(revision).toBeGreaterThan(since)
      since = revision
      if (what.kind === 'written') seen.push(what.file.path)
    }
    more = news.more
  }
  await writing
  const { entries } = await client.changesOf({ accountId: user.id, since })
  seen.push(...entries.map(({ what }) => (what.kind === 'written' ? what.file.path : '')))
  expect(seen.toSorted()).toEqual(paths.toSorted())
})
