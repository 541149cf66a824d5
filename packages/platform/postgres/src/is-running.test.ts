import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { expect, test } from 'vitest'
import { isRunning } from './is-running.ts'

test('tells processes that run from those that ended, and from what is none', async () => {
  const child = spawn(process.execPath, ['--eval', 'setInterval(() => {}, 1e6)'])
  await once(child, 'spawn')
  expect(isRunning(child.pid!)).toBe(true)
  child.kill('SIGKILL')
  await once(child, 'exit')
  expect(isRunning(child.pid!)).toBe(false)
  for (const none of [0, -1, Number.NaN]) expect(isRunning(none)).toBe(false)
})
