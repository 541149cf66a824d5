import { once } from 'node:events'
import { expect, it } from 'vitest'
import { PodProcess } from './fixtures/pod-process.ts'

const start = () => new PodProcess('held.main.ts', { ATLAS_GRACE_MS: '600000' })

it('drains on the first signal: what runs is answered, and it ends with 0', {
  timeout: 120_000,
}, async () => {
  using pod = start()
  const url = `http://127.0.0.1:${await pod.port()}`
  const answer = fetch(`${url}/finish`)
  await expect.poll(() => inFlight(url), { timeout: 60_000 }).toBe(1)
  const gone = once(pod.process, 'exit')
  pod.process.kill('SIGTERM')
  expect((await answer).ok).toBe(true)
  expect(await gone).toEqual([0, null])
})

it.each([
  ['SIGTERM', 143],
  ['SIGINT', 130],
] as const)('ends at once on a second signal: %s', { timeout: 120_000 }, async (signal, code) => {
  using pod = start()
  const url = `http://127.0.0.1:${await pod.port()}`
  fetch(`${url}/hold`).catch(() => {})
  await expect.poll(() => inFlight(url), { timeout: 60_000 }).toBe(1)
  const gone = once(pod.process, 'exit')
  pod.process.kill('SIGTERM')
  await pod.said(/drains/)
  pod.process.kill(signal)
  expect(await gone).toEqual([code, null])
})

async function inFlight(url: string): Promise<number> {
  const text = await (await fetch(`${url}/-/metrics`)).text()
  const found = /^atlas_server_requests_in_flight\{[^}]*servlet="held"[^}]*\} (\d+)/gm
  return [...text.matchAll(found)].reduce((sum, [, count]) => sum + Number(count), 0)
}
