import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { linkPackages, manyServlets, nameOf, pathOf } from './many-servlets.ts'
import { familyMiB } from './memory.ts'
import { startPlatform } from './started-platform.ts'

const count = 200
const awake = 12
const budgetMiB = 1536

it(`${count} servlets, a process each, all answer once within a budget of memory`, {
  timeout: 900_000,
}, async () => {
  const root = await mkdtemp(join(tmpdir(), 'atlas-many-'))
  try {
    await manyServlets(root, count)
    await linkPackages(root)
    await using platform = await startPlatform(root, [
      '--placement',
      'isolated',
      '--awake',
      String(awake),
      '--memory',
      String(budgetMiB),
      '--no-watch',
    ])
    const before = await platform.servlets()
    expect(before.map(({ name }) => name)).toEqual(Array.from({ length: count }, (_, index) => nameOf(index)))
    expect(new Set(before.map(({ state }) => state))).toEqual(new Set(['asleep']))
    expect((await fetch(`${platform.url}/-/ready`)).status).toBe(200)
    let next = 0
    let peakMiB = 0
    const answers: unknown[] = []
    const ask = async () => {
      while (next < count) {
        const index = next++
        const response = await fetch(`${platform.url}${pathOf(index)}`)
        answers[index] = [response.status, await response.json()]
        if (index % 20 === 19) peakMiB = Math.max(peakMiB, familyMiB(platform.pid))
      }
    }
    await Promise.all([ask(), ask(), ask(), ask()])
    expect(answers).toEqual(Array.from({ length: count }, () => [200, { message: 'Hello ada' }]))
    expect(peakMiB).toBeGreaterThan(100)
    // The gateway and the blank processes are beside the budget of servlets.
    expect(peakMiB).toBeLessThan(budgetMiB)
    const after = await platform.servlets()
    expect(after.filter(({ state }) => state === 'running').length).toBeLessThanOrEqual(awake)
    expect(new Set(after.map(({ state }) => state))).toEqual(new Set(['asleep', 'running']))
  } finally {
    await rm(root, { recursive: true, force: true, maxRetries: 10 })
  }
})
