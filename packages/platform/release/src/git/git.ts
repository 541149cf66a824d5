import { spawn } from 'node:child_process'

/** What git said. */
export interface GitResult {
  readonly ok: boolean
  readonly stdout: string
  readonly stderr: string
}

/** How git is run. */
export interface GitOptions {
  /** When it is ended, as a failure. @default never */
  readonly timeoutMs?: number
  /** Variables of its own. @default none */
  readonly env?: Readonly<Record<string, string>>
}

/** Runs git in a folder. Never rejects: where there is no git, that is a failure like any other. */
export async function git(
  cwd: string,
  args: readonly string[],
  input?: string,
  options: GitOptions = {},
): Promise<GitResult> {
  const { ok, stdout, stderr } = await run(cwd, args, input, options)
  return { ok, stdout: stdout.toString(), stderr }
}

interface RawResult extends Omit<GitResult, 'stdout'> {
  readonly stdout: Buffer
}

/** What git tells its hooks of the repository that they are run for: it would be taken for that of the folder. */
const ofHooks = ['GIT_DIR', 'GIT_WORK_TREE', 'GIT_INDEX_FILE', 'GIT_PREFIX', 'GIT_COMMON_DIR']

function variables(own: GitOptions['env']): NodeJS.ProcessEnv {
  const inherited = Object.entries(process.env).filter(([name]) => !ofHooks.includes(name))
  // Some of what it says is read, so it is to be in English.
  return { ...Object.fromEntries(inherited), LC_ALL: 'C', ...own }
}

function run(
  cwd: string,
  args: readonly string[],
  input?: string,
  { timeoutMs = 0, env }: GitOptions = {},
): Promise<RawResult> {
  return new Promise((settle) => {
    const child = spawn('git', args, {
      cwd,
      stdio: ['pipe', 'pipe', 'pipe'],
      env: variables(env),
      timeout: timeoutMs,
      killSignal: 'SIGKILL',
    })
    const [stdout, stderr]: [Buffer[], Buffer[]] = [[], []]
    child.stdout.on('data', (chunk: Buffer) => stdout.push(chunk))
    child.stderr.on('data', (chunk: Buffer) => stderr.push(chunk))
    child.on('error', (error) => settle({ ok: false, stdout: Buffer.alloc(0), stderr: error.message }))
    // It may have ended before it read everything.
    child.stdin.on('error', () => {})
    child.stdin.end(input)
    child.on('close', (code) =>
      settle({
        ok: code === 0,
        stdout: Buffer.concat(stdout),
        stderr: Buffer.concat(stderr).toString().trim(),
      }),
    )
  })
}

/** The texts of files in a commit, by path relative to the root of the repository; those that are not there are left out. */
export async function filesIn(
  cwd: string,
  commit: string,
  paths: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const texts = await textsOf(
    cwd,
    paths.map((path) => `${commit}:${path}`),
  )
  return new Map([...texts].map(([name, text]) => [name.slice(commit.length + 1), text]))
}

/** The texts of blobs by the names that git has for them, `v1.0.0:package.json`; those that are not there are left out. */
export async function textsOf(cwd: string, names: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const found = new Map<string, string>()
  if (names.length === 0) return found
  // Sizes are those of the bytes as they are stored, which need not be UTF-8.
  const { stdout: bytes } = await run(cwd, ['cat-file', '--batch'], names.map((name) => `${name}\n`).join(''))
  let at = 0
  for (const name of names) {
    const end = bytes.indexOf(10, at)
    if (end < 0) break
    const head = bytes.subarray(at, end).toString()
    at = end + 1
    const [, kind, size] = / (blob|tree|commit|tag) (\d+)$/.exec(head) ?? []
    if (size === undefined) continue
    if (kind === 'blob') found.set(name, bytes.subarray(at, at + Number(size)).toString())
    at += Number(size) + 1
  }
  return found
}
