import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { root } from './newcomer.ts'
import { productCases } from './product/index.ts'
import { type Running, start } from './terminal.ts'

const minuteMs = 60_000

interface Row {
  readonly name: string
  readonly state: string
  readonly pid: number | null
}

// However servlets share processes, the product does the same.
describe.each([
  ['merged', (processes: number, _servlets: number) => processes === 1],
  ['isolated', (processes: number, servlets: number) => processes === servlets],
  ['groups', (processes: number, servlets: number) => processes > 1 && processes < servlets],
])('the product placed %s', (placement, isPlaced) => {
  /** Data of its own, so that a platform that somebody runs here is not in the way. */
  const namespace = `placement-${placement}-${process.pid}`
  let server: Running
  let url: string
  beforeAll(async () => {
    const command = `npm start -- --port 0 --placement ${placement} --namespace ${namespace} --no-watch`
    server = start(command, { cwd: root, env: process.env })
    url = (await server.says(/Atlas is up at (http:\/\/[\d.]+:\d+)/, 4 * minuteMs))[1]!
  }, 5 * minuteMs)
  afterAll(async () => {
    expect(await server.stop()).toBe('interrupted')
    await rm(join(root, `.atlas/local.${namespace}`), { recursive: true, force: true })
  }, minuteMs)

  it.each(productCases)('$name', { timeout: 3 * minuteMs }, ({ run }) => run({ url }))

  it('ran as it was placed, and no servlet was left out', async () => {
    const { servlets } = (await (await fetch(`${url}/-/servlets`)).json()) as { servlets: Row[] }
    const running = servlets.filter(({ pid }) => pid !== null)
    expect(servlets.filter(({ state }) => state === 'broken')).toEqual([])
    expect(running.length).toBeGreaterThan(5)
    expect(isPlaced(new Set(running.map(({ pid }) => pid)).size, running.length)).toBe(true)
  })
})
