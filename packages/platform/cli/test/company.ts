import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join, relative, resolve } from 'node:path'
import { vi } from 'vitest'

// Each test runs several commands, each a process, beside other packages' tests.
vi.setConfig({ testTimeout: 240_000, hookTimeout: 240_000 })

/** What a command did. */
export interface CommandResult {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** A company's workspace in a temporary folder, with the platform linked in place of installed. */
export interface Company extends AsyncDisposable {
  readonly root: string
  atlas(...args: string[]): Promise<CommandResult>
  /** Starts the command and kills it after a while, unless it has ended. */
  killed(afterMs: number, ...args: string[]): Promise<void>
  write(file: string, text: string): Promise<void>
  read(file: string): Promise<string>
}

const repo = resolve(import.meta.dirname, '../../../..')
const bin = join(repo, 'packages/platform/cli/src/bin.ts')

/** An empty folder in which, if `link`, the platform's packages can be found. */
export async function emptyFolder(name = 'acme', link = true): Promise<Company> {
  const parent = await mkdtemp(join(tmpdir(), 'atlas-cli-'))
  const root = join(parent, name)
  await mkdir(root)
  if (link) await symlink(join(repo, 'node_modules'), join(root, 'node_modules'))
  return {
    root,
    atlas: (...args) => run(process.execPath, [bin, ...args], root),
    async killed(afterMs, ...args) {
      const child = spawn(process.execPath, [bin, ...args], { cwd: root, stdio: 'ignore' })
      const ended = once(child, 'exit')
      const timer = setTimeout(() => child.kill('SIGKILL'), afterMs)
      await ended
      clearTimeout(timer)
    },
    async write(file, text) {
      await mkdir(dirname(join(root, file)), { recursive: true })
      await writeFile(join(root, file), text)
    },
    read: (file) => readFile(join(root, file), 'utf8'),
    [Symbol.asyncDispose]: () => rm(parent, { recursive: true, force: true, maxRetries: 10 }),
  }
}

/** A workspace made by `atlas init`, with a team `web` and a servlet `greeter`. */
export async function newCompany(): Promise<Company> {
  const company = await emptyFolder()
  const made = await company.atlas('init')
  if (made.code !== 0) throw new Error(made.stderr)
  return company
}

/** Runs git in the name of somebody. @throws Error with what it says when it fails */
export async function git(root: string, ...args: string[]): Promise<string> {
  const who = ['-c', 'user.name=Ada', '-c', 'user.email=ada@example.com', '-c', 'commit.gpgsign=false']
  const { code, stdout, stderr } = await run('git', [...who, ...args], root)
  if (code !== 0) throw new Error(`git ${args.join(' ')}: ${stderr}`)
  return stdout
}

/** Commits all that there is. */
export async function commit({ root }: Company, message: string): Promise<void> {
  await git(root, 'add', '.')
  await git(root, 'commit', '--quiet', '--allow-empty', '-m', message)
}

/** Makes a company a repository, with all that there is as the first commit of its branch `main`. */
export async function committed(company: Company): Promise<Company> {
  await company.write('.gitignore', 'node_modules\n.nx\n.atlas\n')
  await company.atlas('interface')
  await git(company.root, 'init', '--quiet', '--initial-branch', 'main')
  await commit(company, 'start')
  return company
}

/** The text of every file below a folder by its path, without installed packages and files that git ignores. */
export async function textsIn(folder: string): Promise<Record<string, string>> {
  const texts: Record<string, string> = {}
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    const path = relative(folder, join(entry.parentPath, entry.name))
    if (entry.isFile() && !/(^|\/)(node_modules|\.atlas|\.nx)\//.test(path))
      texts[path] = await readFile(join(folder, path), 'utf8')
  }
  return texts
}

/** Runs `atlas` with something at its standard input. */
export function runWith(input: string, company: Company, args: readonly string[]): Promise<CommandResult> {
  return run(process.execPath, [bin, ...args], company.root, input)
}

/** Runs a program to its end. */
export function run(
  program: string,
  args: readonly string[],
  cwd: string,
  input = '',
): Promise<CommandResult> {
  return new Promise((settle, reject) => {
    const child = spawn(program, args, { cwd, stdio: 'pipe', timeout: 200_000 })
    // What reads nothing of it may be over before it is written.
    child.stdin.on('error', () => {}).end(input)
    let stdout = ''
    let stderr = ''
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text
    })
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text
    })
    child.on('error', reject).on('close', (code) => settle({ code, stdout, stderr }))
  })
}
