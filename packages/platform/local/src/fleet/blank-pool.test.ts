import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, it, vi } from 'vitest'
import { BlankPool } from './blank-pool.ts'
import { HostProcess } from './host-process.ts'

const made: HostProcess[] = []
const failures: string[] = []
let pool: BlankPool | undefined

/** A pool of real processes. */
function poolOf(size: number, variables = process.env): BlankPool {
  const make = () => {
    const host = new HostProcess({ cwd: tmpdir(), variables, cache: join(tmpdir(), 'atlas-blank-cache') })
    made.push(host)
    return host
  }
  pool = new BlankPool(make, size, 1, ({ message }) => failures.push(message))
  return pool
}

afterEach(async () => {
  await pool?.close()
  for (const host of made) host.kill()
  await Promise.all(made.splice(0).map(({ ended }) => ended))
})

const options = { timeout: 120_000 }
const soon = { timeout: 60_000 }

it('gives each process to one, and starts another for it', options, async () => {
  const pool = poolOf(1)
  pool.fill()
  const hosts = await Promise.all([pool.take(), pool.take(), pool.take()])
  expect(new Set(hosts).size).toBe(3)
  await vi.waitFor(() => expect(made.length).toBe(4), soon)
})

it('replaces one that is killed while nobody uses it', options, async () => {
  const pool = poolOf(1)
  pool.fill()
  await made[0]!.blank
  made[0]!.kill()
  await made[0]!.ended
  await vi.waitFor(() => expect(made.length).toBe(2), soon)
  expect(await pool.take()).toBe(made[1])
})

it('tells who waits why none can be started, and tries again for the next', options, async () => {
  const pool = poolOf(1, { ...process.env, NODE_OPTIONS: '--no-such-option' })
  const reason = /^ended with exit code 9: \S*node: --no-such-option is not allowed in NODE_OPTIONS$/
  await expect(pool.take()).rejects.toThrow(reason)
  expect(made.length).toBe(3)
  await expect(pool.take()).rejects.toThrow(reason)
  expect(failures).toEqual([expect.stringMatching(reason), expect.stringMatching(reason)])
})

it('says what a process that does not start misses', options, async () => {
  const pool = poolOf(1, { ...process.env, NODE_OPTIONS: '--require /no/such/file.cjs' })
  await expect(pool.take()).rejects.toThrow("ended by Error: Cannot find module '/no/such/file.cjs'")
})

it('ends what it keeps and what starts, and tells who waits, or comes later', options, async () => {
  const pool = poolOf(1)
  const waiting = pool.take()
  waiting.catch(() => {})
  await pool.close()
  await expect(waiting).rejects.toThrow('the platform is shutting down')
  await expect(pool.take()).rejects.toThrow('the platform is shutting down')
  await Promise.all(made.map(({ ended }) => ended))
})

it('gives away no process that it ended', options, async () => {
  const pool = poolOf(1)
  pool.fill()
  await made[0]!.blank
  await pool.close()
  await expect(pool.take()).rejects.toThrow('the platform is shutting down')
})
