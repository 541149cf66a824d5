import { tmpdir } from 'node:os'
import { expect, it } from 'vitest'
import { run, start } from './terminal.ts'

const place = { cwd: tmpdir(), env: process.env }

it('runs a command and keeps what it printed', async () => {
  expect(await run('echo one; echo two >&2; exit 3', place, 10_000)).toEqual({
    exitCode: 3,
    output: 'one\ntwo\n',
  })
})

it('ends a command that takes too long, and all that it started', async () => {
  // Both hold the pipe that is read here, so this would take ten minutes if one of them were left.
  const outcome = run('sleep 600 & echo started; wait', place, 500)
  await expect(outcome).rejects.toThrow(/did not end within 500 ms:\nstarted/)
})

it('waits for what a command says, and for no more when it ends without saying it', async () => {
  await using counting = start('for i in 1 2 3; do echo "at $i"; sleep 0.1; done; sleep 600', place)
  expect((await counting.says(/at (3)/, 10_000))[1]).toBe('3')
  expect(await counting.stop()).toBe('interrupted')
  await expect(start('echo bye', place).says(/hello/, 10_000)).rejects.toThrow('ended without saying')
})
