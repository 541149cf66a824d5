import { existsSync } from 'node:fs'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { command } from './command.ts'

const folder = await mkdtemp(join(tmpdir(), 'atlas-command-'))
const log = join(folder, 'log')
afterAll(() => rm(folder, { recursive: true, force: true }))

test('resolves with what the command printed, and logs it', async () => {
  const lines: string[] = []
  expect(
    await command('sh', ['-c', 'echo one; echo two >&2; echo three'], {
      log,
      onLine: (line) => lines.push(line),
    }),
  ).toBe('one\nthree')
  expect(lines.toSorted()).toEqual(['one', 'three', 'two'])
  expect(await readFile(log, 'utf8')).toContain('$ sh -c')
})

test('says how it failed, with the end of the log and its path', async () => {
  const failure = command('sh', ['-c', 'echo the reason >&2; exit 3'], { log })
  await expect(failure).rejects.toThrow(/sh -c failed \(exit code 3\)[\s\S]*log[\s\S]*the reason/)
})

test('says that a program is not there', async () => {
  await expect(command('no-such-program', [], { log })).rejects.toThrow(/no-such-program/)
})

test('ends everything that the command started when it is aborted', async () => {
  const abort = new AbortController()
  const pids: number[] = []
  const running = command('sh', ['-c', 'sleep 1000 & echo $!; wait'], {
    log,
    signal: abort.signal,
    onLine: (line) => {
      pids.push(Number(line))
      abort.abort(new Error('enough'))
    },
  })
  await expect(running).rejects.toThrow('enough')
  const state = await readFile(`/proc/${pids[0]}/stat`, 'utf8').catch(() => ') X')
  expect(state.slice(state.lastIndexOf(')') + 2)[0]).toMatch(/[ZX]/)
})

test.skipIf(!existsSync('/proc/self/autogroup'))(
  'lowers the priority of the command and of its session',
  { timeout: 60_000 },
  async () => {
    // The command starts before its priority is lowered, so it looks until it is, for at most half a minute.
    const look = `
      for i in $(seq 300); do
        case "$(nice) $(cat /proc/self/autogroup)" in "19 "*"nice 19") echo low; exit 0;; esac
        sleep 0.1
      done
      exit 1`
    expect(await command('sh', ['-c', look], { log, nice: 19 })).toBe('low')
  },
)
