import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { newRepository } from '../fixtures/repository.ts'
import { git } from '../git/git.ts'
import type { OwnerDigest } from '../tell/digests.ts'
import { fileNotifier, type Message, type Notifier, webhookNotifier } from '../tell/notify.ts'
import { Telling, type Told } from '../tell/telling.ts'
import { Digests } from './untold.ts'

const digestOf = (owner: string): OwnerDigest => ({ owner, contact: `#${owner}`, text: `# For ${owner}\n` })
const news = (tag: string, ...owners: string[]) => ({
  branch: 'main',
  tags: [tag],
  digests: owners.map(digestOf),
})
const ref = 'refs/atlas/release-digests'

/** A notifier that remembers, and fails while it is told to. */
function listener(name = 'webhook 1') {
  const heard: Message[] = []
  const it = {
    name,
    heard,
    failing: false,
    async tell(message: Message) {
      if (it.failing) throw new Error('it is ill')
      heard.push(message)
    },
  }
  return it
}

function telling(...notifiers: Notifier[]) {
  const events: Told[] = []
  return Object.assign(new Telling(notifiers, (event) => events.push(event)), { events })
}

for (const how of ['answers 500', 'is silent', 'breaks the connection'] as const)
  it(`tells again in the next run what a webhook did not take because it ${how}, once`, async () => {
    await using repository = await newRepository()
    await repository.commit('start', { 'a.txt': 'a' })
    await repository.git('tag', 'greeter@1.0.0')
    const folder = await mkdtemp(join(tmpdir(), 'atlas-untold-'))
    let isIll = true
    const posted: { id: string; text: string }[] = []
    const server = createServer(async (request, response) => {
      const chunks: Buffer[] = []
      for await (const chunk of request) chunks.push(chunk as Buffer)
      posted.push(JSON.parse(Buffer.concat(chunks).toString()))
      if (!isIll) response.end()
      else if (how === 'answers 500') response.writeHead(500).end('no')
      else if (how === 'breaks the connection') request.socket.destroy()
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/secret`
    const run = () => telling(fileNotifier(folder), webhookNotifier(url, { timeoutMs: 2000, delayMs: 1 }))
    try {
      const first = run()
      const digests = await Digests.open(repository.root, undefined)
      await digests.add(news('greeter@1.0.0', 'web'), first)
      await digests.tellWhole(first)
      expect(first.events).toMatchObject([{ event: 'not-told', owner: 'web' }])
      expect(JSON.stringify(first.events)).not.toContain('secret')
      expect(posted).toHaveLength(2)
      expect(await repository.git('cat-file', 'blob', ref)).not.toContain('secret')

      isIll = false
      const second = run()
      const later = await Digests.open(repository.root, undefined)
      expect(await later.waiting()).toBe(1)
      await later.tellWhole(second)
      expect(second.events).toEqual([{ event: 'told', owner: 'web' }])
      expect(posted).toHaveLength(3)
      // So that whoever got it in spite of the error knows it again.
      expect(new Set(posted.map(({ id }) => id)).size).toBe(1)
      expect(await readFile(join(folder, 'web.md'), 'utf8')).toBe('# For web\n')
      expect((await git(repository.root, ['rev-parse', '--verify', '--quiet', ref])).ok).toBe(false)
      const third = run()
      await (await Digests.open(repository.root, undefined)).tellWhole(third)
      expect(posted).toHaveLength(3)
    } finally {
      server.closeAllConnections()
      server.close()
      await rm(folder, { recursive: true, force: true })
    }
  })

it('tells by those that have not, and waits for one that is not there', async () => {
  await using repository = await newRepository()
  await repository.commit('start', { 'a.txt': 'a' })
  await repository.git('tag', 'greeter@1.0.0')
  const [one, two] = [listener('webhook 1'), listener('webhook 2')]
  two.failing = true
  const digests = await Digests.open(repository.root, undefined)
  await digests.add(news('greeter@1.0.0', 'web', 'sharing'), telling(one, two))
  await digests.tellWhole(telling(one, two))
  // Somebody runs it by hand, without webhooks: nobody has heard of it by that.
  const byHand = telling(listener('files'))
  await (await Digests.open(repository.root, undefined)).tellWhole(byHand)
  two.failing = false
  await (await Digests.open(repository.root, undefined)).tellWhole(telling(one, two))
  for (const { heard } of [one, two]) expect(heard.map(({ owner }) => owner)).toEqual(['web', 'sharing'])
  expect(await (await Digests.open(repository.root, undefined)).waiting()).toBe(0)
})

it('tells nothing of versions that are not whole, and forgets those that were never cut', async () => {
  await using repository = await newRepository()
  await repository.commit('start', { 'a.txt': 'a' })
  const hook = listener()
  const digests = await Digests.open(repository.root, undefined)
  await digests.add(news('greeter@1.0.0', 'web'), telling(hook))
  await digests.tellWhole(telling(hook))
  expect(hook.heard).toEqual([])
  // Killed before the cut, it is cut again; a hotfix of another branch is still to come.
  const again = await Digests.open(repository.root, undefined)
  await again.add({ ...news('greeter@0.9.1', 'old'), branch: 'hotfix/greeter-0.9.0' }, telling(hook))
  await again.add(news('greeter@1.1.0', 'web'), telling(hook))
  for (const tag of ['greeter@1.1.0', 'greeter@0.9.1', 'greeter@1.0.0']) await repository.git('tag', tag)
  const last = await Digests.open(repository.root, undefined)
  await last.tellWhole(telling(hook))
  expect(hook.heard.map(({ owner }) => owner)).toEqual(['old', 'web'])
})

it('leaves a webhook alone for the rest of a run in which it fails and fails', async () => {
  await using repository = await newRepository()
  await repository.commit('start', { 'a.txt': 'a' })
  await repository.git('tag', 'greeter@1.0.0')
  const hook = listener()
  let asked = 0
  const ill: Notifier = {
    name: hook.name,
    async tell() {
      asked += 1
      throw new Error('it is ill')
    },
  }
  const owners = Array.from({ length: 20 }, (_, index) => `owner-${index}`)
  const digests = await Digests.open(repository.root, undefined)
  await digests.add(news('greeter@1.0.0', ...owners), telling(ill))
  const run = telling(ill)
  await digests.tellWhole(run)
  expect(asked).toBe(3)
  expect(run.events).toHaveLength(20)
  await (await Digests.open(repository.root, undefined)).tellWhole(telling(hook))
  expect(hook.heard.map(({ owner }) => owner)).toEqual(owners)
})

it('gives up after two weeks, and when too many wait, and says so', async () => {
  await using repository = await newRepository()
  await repository.commit('start', { 'a.txt': 'a' })
  await repository.git('tag', 'greeter@1.0.0')
  const hook = listener()
  hook.failing = true
  let now = new Date('2026-11-01T00:00:00Z')
  const open = () => Digests.open(repository.root, undefined, () => now)
  const first = await open()
  await first.add(news('greeter@1.0.0', 'web'), telling(hook))
  await first.tellWhole(telling(hook))
  now = new Date('2026-11-14T00:00:00Z')
  await (await open()).tellWhole(telling(hook))
  expect(await (await open()).waiting()).toBe(1)
  now = new Date('2026-11-16T00:00:00Z')
  const late = telling(hook)
  await (await open()).tellWhole(late)
  expect(late.events.at(-1)).toMatchObject({ owner: 'web', why: expect.stringContaining('given up') })
  expect(await (await open()).waiting()).toBe(0)

  const many = await open()
  await many.add(news('greeter@1.0.0', 'early'), telling(hook))
  const owners = Array.from({ length: 1000 }, (_, index) => `owner-${index}`)
  await many.add(news('greeter@1.0.0', ...owners), telling(hook))
  const full = telling(hook)
  await many.tellWhole(full)
  expect(full.events.at(-1)).toMatchObject({ owner: 'early', why: expect.stringContaining('given up') })
  expect(await (await open()).waiting()).toBe(1000)
})

it('says how to get rid of what is no list of digests', async () => {
  await using repository = await newRepository()
  await repository.commit('start', { 'a.txt': 'a' })
  await repository.git('update-ref', ref, await repository.git('hash-object', '-w', 'a.txt'))
  await expect(Digests.open(repository.root, undefined)).rejects.toThrow(`git update-ref -d ${ref}`)
})
