import { mkdtemp, rm } from 'node:fs/promises'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { newRepository, type TestRepository } from '../fixtures/repository.ts'
import { type LockHolder, lockHolder, ReleaseLock, ReleaseLocked } from './lock.ts'

const ref = 'refs/atlas/release-lock'
/** More than any process has. */
const nobody = 2 ** 22 + 1

/** A lock as somebody else has left it. */
async function leave(repository: TestRepository, holder: Partial<LockHolder>): Promise<void> {
  const whole = { id: 'x', host: 'elsewhere', pid: 1, since: '2026-11-25T08:00:00Z', ...holder }
  await repository.commit('lock', { 'lock.json': JSON.stringify(whole) })
  await repository.git('update-ref', ref, await repository.git('hash-object', '-w', 'lock.json'))
}

const inMs = (ms: number) => new Date(Date.now() + ms).toISOString()

it('is had by one at a time, of however many who want it at once', async () => {
  await using repository = await newRepository()
  await repository.commit('start', {})
  const remote = await mkdtemp(join(tmpdir(), 'atlas-remote-'))
  try {
    await repository.git('init', '--quiet', '--bare', remote)
    await repository.git('remote', 'add', 'origin', remote)
    for (const at of [undefined, 'origin']) {
      const wanting = Array.from({ length: 6 }, () => ReleaseLock.take(repository.root, at))
      const settled = await Promise.allSettled(wanting)
      const locks = settled.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []))
      expect(locks).toHaveLength(1)
      for (const each of settled)
        if (each.status === 'rejected') expect(each.reason).toBeInstanceOf(ReleaseLocked)
      await locks[0]!.check()
      await locks[0]![Symbol.asyncDispose]()
      expect(await lockHolder(repository.root, at)).toBeUndefined()
    }
  } finally {
    await rm(remote, { recursive: true, force: true })
  }
})

it('is taken from one who has died here, or was silent elsewhere, and from nobody else', async () => {
  await using repository = await newRepository()
  const taken = async () => {
    await using lock = await ReleaseLock.take(repository.root, undefined)
    await lock.check()
  }
  await leave(repository, { host: hostname(), pid: nobody, until: inMs(60_000) })
  await taken()
  await leave(repository, { until: inMs(-1) })
  await taken()
  await leave(repository, { until: inMs(60_000) })
  await expect(taken()).rejects.toThrow(
    `elsewhere (process 1) has been releasing since 2026-11-25T08:00:00Z; wait for it, or if it is gone: git update-ref -d ${ref}`,
  )
})

it('lasts as long as its holder says that it is there, and is not given away once it was taken', async () => {
  await using repository = await newRepository()
  await repository.commit('start', {})
  const lock = await ReleaseLock.take(repository.root, undefined)
  const before = await lockHolder(repository.root, undefined)
  await lock.renew(new Date(Date.now() + 3_600_000))
  const after = await lockHolder(repository.root, undefined)
  expect(after).toMatchObject({ id: before!.id, since: before!.since })
  expect(Date.parse(after!.until)).toBeGreaterThan(Date.parse(before!.until))
  await lock.check()

  await leave(repository, { until: inMs(60_000) })
  await expect(lock.check()).rejects.toThrow(ReleaseLocked)
  await lock.renew()
  await lock[Symbol.asyncDispose]()
  expect(await lockHolder(repository.root, undefined)).toMatchObject({ host: 'elsewhere' })
})

it('says how to get rid of what is no lock', async () => {
  await using repository = await newRepository()
  await repository.commit('start', { 'a.txt': 'a' })
  await repository.git('update-ref', ref, await repository.git('hash-object', '-w', 'a.txt'))
  await expect(ReleaseLock.take(repository.root, undefined)).rejects.toThrow(`git update-ref -d ${ref}`)
})
