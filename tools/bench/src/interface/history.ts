import { execFile } from 'node:child_process'
import { mkdir, readFile, stat } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

const execute = promisify(execFile)

/** Where downloads and tools of this bench are kept between runs. */
export const cache = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'atlas-bench-interface')

/** Versions of `@octokit/openapi`, GitHub's description of its REST API, oldest first. */
export const versions = ['17.0.0', '18.0.0', '18.2.0', '19.0.0', '19.1.0', '20.0.0'] as const

/** The file of GitHub's description at a version, downloaded once. */
export async function descriptionFile(version: string): Promise<string> {
  const folder = join(cache, version)
  const file = join(folder, 'package/generated/api.github.com.json')
  if (await stat(file).catch(() => undefined)) return file
  await mkdir(folder, { recursive: true })
  await execute('npm', ['pack', '--silent', `@octokit/openapi@${version}`, '--pack-destination', folder])
  const archive = join(folder, `octokit-openapi-${version}.tgz`)
  await execute('tar', ['-xzf', archive, '-C', folder, 'package/generated/api.github.com.json'])
  return file
}

/** The oasdiff command, built once. @throws Error where there is no Go */
export async function oasdiff(): Promise<string> {
  const command = join(cache, 'oasdiff-v1.36.0', 'oasdiff')
  if (await stat(command).catch(() => undefined)) return command
  await execute('go', ['install', 'github.com/oasdiff/oasdiff@v1.36.0'], {
    env: { ...process.env, GOBIN: join(cache, 'oasdiff-v1.36.0') },
    maxBuffer: 1e8,
  })
  return command
}

/** What oasdiff says breaks callers. */
export interface OasdiffFinding {
  readonly id: string
  /** 3 is an error, 2 a warning. */
  readonly level: number
  readonly operation: string
  readonly path: string
  readonly text: string
}

/** Runs oasdiff on two descriptions; how long it took, and what it found. */
export async function runOasdiff(
  command: string,
  before: string,
  after: string,
): Promise<{ seconds: number; findings: OasdiffFinding[] }> {
  const began = performance.now()
  const { stdout } = await execute(command, ['breaking', '--format', 'json', before, after], {
    maxBuffer: 1e9,
    timeout: 600_000,
  })
  const seconds = (performance.now() - began) / 1000
  return { seconds, findings: stdout.trim() === '' ? [] : (JSON.parse(stdout) as OasdiffFinding[]) }
}

/** Reads a JSON file. */
export async function readJson<T>(file: string): Promise<T> {
  return JSON.parse(await readFile(file, 'utf8')) as T
}
