/**
 * Prints the path of a tool written in Go, which tests run against ours, and builds it where it is not there yet:
 *
 *     node tools/test/src/go-tool.ts github.com/fullstorydev/grpcurl/cmd/grpcurl@v1.9.4
 *
 * Exits with 1 and says what to install where that cannot be.
 */
import { execFile } from 'node:child_process'
import { access, mkdir, mkdtemp, rename, rm } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { promisify } from 'node:util'

const root = join(import.meta.dirname, '../../..')

/** @throws Error that says what to install */
async function goTool(module: string): Promise<string> {
  const [path = '', version = ''] = module.split('@')
  const folder = join(root, '.atlas/tests/go')
  const tool = join(folder, `${basename(path)}@${version}`)
  const there = await access(tool).then(
    () => true,
    () => false,
  )
  if (there) return tool
  await mkdir(folder, { recursive: true })
  // Built beside and moved: whoever is killed meanwhile, or builds at the same time, leaves nothing that is half.
  const building = await mkdtemp(join(folder, 'building-'))
  try {
    await promisify(execFile)('go', ['install', module], {
      env: { ...process.env, GOBIN: building, GOFLAGS: '-buildvcs=false' },
      maxBuffer: 64 * 1024 * 1024,
    })
    await rename(join(building, basename(path)), tool)
    return tool
  } catch (cause) {
    const { code, stderr = '' } = cause as { code?: unknown; stderr?: string }
    const why = code === 'ENOENT' ? 'there is no Go' : `go install failed: ${stderr.trim().slice(-500)}`
    throw new Error(
      `${module} cannot be built: ${why}; install Go from https://go.dev/doc/install, with access to a module proxy`,
    )
  } finally {
    await rm(building, { recursive: true, force: true })
  }
}

try {
  process.stdout.write(`${await goTool(process.argv[2] ?? '')}\n`)
} catch (error) {
  process.stderr.write(`${(error as Error).message}\n`)
  process.exitCode = 1
}
