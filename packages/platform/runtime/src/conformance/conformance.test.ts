import { execFile, spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'

const suite = 'connectrpc.com/conformance/cmd/connectconformance@v1.0.7'

const root = join(import.meta.dirname, '../../../../..')
const built = spawnSync(process.execPath, [join(root, 'tools/test/src/go-tool.ts'), suite], {
  encoding: 'utf8',
})
// On a machine without Go this is left out, and says so; in CI that would be a gap nobody sees.
const missing = built.status !== 0 && !process.env.CI
if (missing) console.warn(`the conformance suite is left out: ${built.stderr}`)

it.skipIf(missing)(
  'the conformance suite passes for everything that config.yaml claims',
  { timeout: 600_000 },
  async () => {
    expect(built.stderr).toBe('')
    const { stdout, stderr } = await promisify(execFile)(
      built.stdout.trim(),
      [
        ...['--mode', 'server', '--conf', join(import.meta.dirname, 'config.yaml'), '--max-servers', '2'],
        ...['--', process.execPath, join(import.meta.dirname, 'fixtures/server.ts')],
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
