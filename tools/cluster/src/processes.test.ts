import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { expect, test } from 'vitest'
import { findFirstProcess, killFirstProcess, processesWith } from './processes.ts'

test('finds a process by the config in its command line, and ends it', { timeout: 60_000 }, async () => {
  const config = `/no/such/${process.pid}/config.json`
  expect(await findFirstProcess(config)).toBeUndefined()
  // A command line like that of the first process of a cluster; nothing else of it matters here.
  const child = spawn(
    process.execPath,
    ['--eval', 'console.log(1); setInterval(() => {}, 1e6)', 'init', config],
    {
      argv0: 'supervise',
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  )
  await once(child.stdout, 'data')
  // Its second word is an option of Node here, so it is none of ours.
  expect(await findFirstProcess(config)).toBeUndefined()
  await killFirstProcess(child.pid!)
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
  expect(child.signalCode).toBe('SIGKILL')
})

test('takes a process that has gone for ended', async () => {
  const child = spawn('true')
  await once(child, 'exit')
  await killFirstProcess(child.pid!)
})

test('lists a process and all below it', async () => {
  const child = spawn('sh', ['-c', 'sleep 1000 & sh -c "sleep 1001; true" & echo started; wait'], {
    stdio: ['ignore', 'pipe', 'inherit'],
    detached: true,
  })
  await once(child.stdout, 'data')
  const commands = () => processesWith(child.pid!).then((all) => all.map(({ command }) => command))
  await expect
    .poll(commands, { timeout: 30_000 })
    .toEqual(expect.arrayContaining(['sleep 1000', 'sleep 1001', 'sh -c sleep 1001; true']))
  process.kill(-child.pid!, 'SIGKILL')
  await once(child, 'exit')
  expect(await commands()).toEqual([])
}, 60_000)
