import { memoryBlobs, open } from '@atlas/sdk/testing'
import { expect, test } from 'vitest'
import { openChanges } from './changes.ts'
import type { Change } from './contract.ts'
import files from './servlet.ts'

const user = { id: '2c1f0d36-3b0e-4a55-9d4e-0f6f2a3f1b01', email: 'ada@acme.example', name: 'Ada' }

test('tells what is there, and then what changes, to those who may know', async () => {
  const client = open(files, { user, stores: { content: memoryBlobs() }, calls: { identity: {} } })
  await client.upload({ path: 'a', body: 'a' })
  const seen: string[] = []
  for await (const change of client.watch()) {
    seen.push(change.kind === 'written' ? `+${change.file.path}` : `-${change.path}`)
    if (seen.length === 1) {
      await client.upload({ path: 'b', body: 'b' })
      await client.move({ from: 'b', to: 'c' })
      await client.remove({ path: 'a' })
    }
    if (seen.length === 5) break
  }
  expect(seen).toEqual(['+a', '+b', '+c', '-b', '-a'])
})

test('ends when the watcher goes away', async () => {
  const client = open(files, { user, calls: { identity: {} } })
  await client.upload({ path: 'a', body: 'a' })
  const gone = new AbortController()
  const watching = async () => {
    for await (const _ of client.watch({}, { signal: gone.signal })) gone.abort()
  }
  await expect(watching()).rejects.toMatchObject({ code: 'canceled' })
})

const change: Change = { kind: 'removed', path: 'a' }
const never = new AbortController().signal
const fellBehind = () => new Error('fell behind')

test('forgets those who leave', async () => {
  const changes = openChanges()
  const leaving = new AbortController()
  const aborted = changes.watch('ada', leaving.signal, fellBehind)
  const cancelled = changes.watch('ada', never, fellBehind)
  expect(changes.watchersOf('ada')).toBe(2)
  leaving.abort()
  await cancelled.cancel()
  expect(changes.watchersOf('ada')).toBe(0)
  expect(await aborted.getReader().read()).toEqual({ done: true, value: undefined })
  expect(await changes.watch('ada', leaving.signal, fellBehind).getReader().read()).toMatchObject({
    done: true,
  })
})

test('does not keep everything for those who do not listen', async () => {
  const changes = openChanges()
  const slow = changes.watch('ada', never, fellBehind).getReader()
  const other = changes.watch('eve', never, fellBehind).getReader()
  for (let n = 0; n < 1000; n++) changes.tell('ada', change)
  expect(await slow.read()).toEqual({ done: false, value: change })
  changes.tell('ada', change)
  changes.tell('ada', change)
  await expect(slow.read()).rejects.toThrow('fell behind')
  expect(changes.watchersOf('ada')).toBe(0)
  changes.tell('eve', change)
  expect(await other.read()).toEqual({ done: false, value: change })
})
