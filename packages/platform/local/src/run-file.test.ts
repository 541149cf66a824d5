import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { announceRun } from './run-file.ts'

let folder: string
let file: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'atlas-run-file-'))
  file = join(folder, 'local', 'run.json')
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const facts = (port: number, pid: number) => ({
  url: `http://127.0.0.1:${port}`,
  port,
  pid,
  placement: 'merged',
})
const said = () => JSON.parse(readFileSync(file, 'utf8'))

it('is there for as long as the platform runs', () => {
  const ended = announceRun(file, facts(1, process.pid))
  expect(said()).toEqual(facts(1, process.pid))
  ended()
  expect(existsSync(file)).toBe(false)
})

it('names an earlier platform again when the newer one ends', () => {
  const first = facts(1, process.ppid)
  announceRun(file, first)
  const ended = announceRun(file, facts(2, process.pid))
  expect(said().port).toBe(2)
  ended()
  expect(said()).toEqual(first)
})

it('stays with a newer platform when an earlier one ends', () => {
  const ended = announceRun(file, facts(1, process.pid))
  announceRun(file, facts(2, process.ppid))
  ended()
  expect(said().port).toBe(2)
})

it('forgets an earlier platform that was killed', async () => {
  const gone = spawn(process.execPath, ['-e', ''])
  await once(gone, 'exit')
  announceRun(file, facts(1, gone.pid!))
  announceRun(file, facts(2, process.pid))()
  expect(existsSync(file)).toBe(false)
})

it('takes the place of what is no such file', () => {
  announceRun(file, facts(1, process.pid))()
  writeFileSync(file, '{')
  announceRun(file, facts(2, process.pid))
  expect(said().port).toBe(2)
})
