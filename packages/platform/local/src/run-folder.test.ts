import { existsSync, mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { runFolder } from './run-folder.ts'

const base = mkdtempSync(join(tmpdir(), 'atlas-run-'))
afterAll(() => rmSync(base, { recursive: true }))

describe('runFolder', () => {
  it('is for this user only, and clears away what killed processes left', () => {
    const state = join(base, 'state')
    // No process has this number: Linux stops at 2 ** 22.
    const left = join(state, 'run', '4194999')
    mkdirSync(left, { recursive: true })
    const run = runFolder(state)
    expect(run.path).toBe(join(state, 'run', String(process.pid)))
    expect(statSync(run.path).mode & 0o777).toBe(0o700)
    expect(existsSync(left)).toBe(false)
    run.remove()
    expect(existsSync(run.path)).toBe(false)
  })

  it('is elsewhere where the path would be too long for a socket', () => {
    const run = runFolder(join(base, 'a'.repeat(90)))
    expect(run.path.startsWith(join(tmpdir(), 'atlas-'))).toBe(true)
    expect(Buffer.byteLength(join(run.path, '123456.sock'))).toBeLessThan(104)
    expect(statSync(run.path).mode & 0o777).toBe(0o700)
    run.remove()
  })
})
