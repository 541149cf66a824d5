import { execFile, spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'

/** Of the suite: `go install connectrpc.com/conformance/cmd/connectconformance@v1.0.7`. */
const runner = process.env.CONNECTCONFORMANCE ?? 'connectconformance'
const version = 'v1.0.7'

const found = spawnSync(runner, ['--version'], { encoding: 'utf8' })

it.skipIf(found.error).each([
  ['by itself', []],
  ['behind a gateway', ['gateway']],
])(
  'a server %s passes the conformance suite for everything that config.yaml claims',
  { timeout: 300_000 },
  async (_how, args) => {
    expect(found.stdout + found.stderr).toContain(version)
    const { stdout, stderr } = await promisify(execFile)(
      runner,
      [
        ...['--mode', 'server', '--conf', join(import.meta.dirname, 'config.yaml'), '--max-servers', '2'],
        ...['--', process.execPath, join(import.meta.dirname, 'fixtures/server.ts'), ...args],
      ],
      { maxBuffer: 64 * 1024 * 1024 },
    ).catch((failed: { stdout: string; stderr: string }) => failed)
    const report = stdout + stderr
    const [, passed, failed] = /(\d+) passed, (\d+) failed/.exec(report) ?? []
    expect(failed, report.slice(-10_000)).toBe('0')
    // Fewer cases would mean that something is not claimed any more.
    expect(Number(passed)).toBeGreaterThanOrEqual(2488)
  },
)
