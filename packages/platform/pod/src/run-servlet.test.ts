import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'

let folder: string
let pod: ChildProcess
let lines: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'atlas-pod-'))
  writeFileSync(join(folder, 'servlet.json'), '{ "owner": "web" }')
})
afterEach(() => {
  pod.kill('SIGKILL')
  rmSync(folder, { recursive: true })
})

/** Starts a pod as an image does, and resolves to where it answers. */
async function start(): Promise<string> {
  lines = ''
  pod = spawn(process.execPath, [join(import.meta.dirname, 'fixtures/held.main.ts')], {
    env: { ...process.env, SERVLET_FOLDER: folder, HOST: '127.0.0.1', PORT: '0', ATLAS_GRACE_MS: '600000' },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  pod.stdout!.setEncoding('utf8').on('data', (text: string) => {
    lines += text
  })
  await said(/"port":\d+/)
  return `http://127.0.0.1:${/"port":(\d+)/.exec(lines)![1]}`
}

function said(pattern: RegExp): Promise<void> {
  return expect.poll(() => lines, { timeout: 60_000 }).toMatch(pattern)
}

it('drains on the first signal: what runs is answered, and it ends with 0', {
  timeout: 120_000,
}, async () => {
  const url = await start()
  const answer = fetch(`${url}/finish`)
  await expect.poll(() => inFlight(url), { timeout: 60_000 }).toBe(1)
  const gone = once(pod, 'exit')
  pod.kill('SIGTERM')
  expect((await answer).ok).toBe(true)
  expect(await gone).toEqual([0, null])
})

it.each([
  ['SIGTERM', 143],
  ['SIGINT', 130],
] as const)('ends at once on a second signal: %s', { timeout: 120_000 }, async (signal, code) => {
  const url = await start()
  fetch(`${url}/hold`).catch(() => {})
  await expect.poll(() => inFlight(url), { timeout: 60_000 }).toBe(1)
  const gone = once(pod, 'exit')
  pod.kill('SIGTERM')
  await said(/drains/)
  pod.kill(signal)
  expect(await gone).toEqual([code, null])
})

async function inFlight(url: string): Promise<number> {
  const text = await (await fetch(`${url}/-/metrics`)).text()
  const found = /^atlas_server_requests_in_flight\{[^}]*servlet="held"[^}]*\} (\d+)/gm
  return [...text.matchAll(found)].reduce((sum, [, count]) => sum + Number(count), 0)
}
