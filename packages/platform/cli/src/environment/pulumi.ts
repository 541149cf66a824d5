import { spawn } from 'node:child_process'
import { access, mkdir } from 'node:fs/promises'
import { hostname } from 'node:os'
import { dirname, join } from 'node:path'
import { isRunning } from '@atlas/postgres/is-running'
import { CommandError, exitCode } from '../exit-code.ts'

/** How a run of Pulumi ended. */
export interface PulumiRun {
  readonly ok: boolean
  /** Everything that it wrote. */
  readonly text: string
}

/** Pulumi in one project of `infra/`. Stacks are only ever named, never selected: several runs at once would select for each other. */
export class PulumiProject {
  readonly folder: string
  readonly #root: string

  constructor(root: string, project: string) {
    this.#root = root
    this.folder = join(root, 'infra', project)
  }

  /** @throws CommandError when there is no such project */
  async prepare(): Promise<void> {
    if (!(await exists(join(this.folder, 'Pulumi.yaml'))))
      throw new CommandError(
        `${this.folder} has no Pulumi.yaml, so nothing can be deployed; restore it from git`,
      )
    // Where state goes by default. Pulumi makes what is in it, and not the folder.
    await mkdir(join(this.#root, '.atlas', 'pulumi'), { recursive: true })
  }

  /** Names of the stacks of the project. @throws CommandError when the backend does not answer */
  async stacks(): Promise<ReadonlySet<string>> {
    const { ok, text, out } = await this.#run(['stack', 'ls', '--json'])
    if (!ok) throw new CommandError(`Pulumi cannot list stacks: ${reasonIn(text)}`, exitCode.outside)
    const list = JSON.parse(out) as { name: string }[]
    return new Set(list.map(({ name }) => name.split('/').at(-1)!))
  }

  /** Makes a stack, unless another process was faster. */
  async init(stack: string): Promise<PulumiRun> {
    const run = await this.#run(['stack', 'init', stack, '--no-select'])
    return run.ok || /already exists/.test(run.text) ? { ok: true, text: run.text } : run
  }

  /**
   * Runs `up`, `preview` or `destroy` of a stack. A lock that a process of this machine left when it was killed is taken away; one
   * that somebody holds is not.
   */
  async act(
    verb: 'up' | 'preview' | 'destroy',
    stack: string,
    onLine: (line: string) => void = () => {},
  ): Promise<PulumiRun> {
    const args = [verb, '--stack', stack, ...(verb === 'preview' ? ['--diff'] : ['--yes', '--skip-preview'])]
    const first = await this.#run(args, onLine)
    if (first.ok || !isLeftLock(first.text)) return first
    onLine('a deployment before was killed: taking its lock away')
    await this.#run(['cancel', '--stack', stack, '--yes'])
    return this.#run(args, onLine)
  }

  /** Forgets a stack that has nothing left. */
  remove(stack: string): Promise<PulumiRun> {
    return this.#run(['stack', 'rm', stack, '--yes'])
  }

  async #run(
    args: readonly string[],
    onLine: (line: string) => void = () => {},
  ): Promise<PulumiRun & { readonly out: string }> {
    const command = await this.#command()
    return new Promise((resolve, reject) => {
      const child = spawn(command, [...args, '--non-interactive', '--color', 'never'], {
        cwd: this.folder,
        env: {
          // These stacks keep no secrets, so nothing needs a passphrase; whoever wants one sets it.
          ...(process.env.PULUMI_CONFIG_PASSPHRASE_FILE === undefined && { PULUMI_CONFIG_PASSPHRASE: '' }),
          PULUMI_SKIP_UPDATE_CHECK: 'true',
          ...process.env,
        },
        stdio: ['ignore', 'pipe', 'pipe'],
      })
      let text = ''
      let out = ''
      const take = (chunk: string) => {
        text += chunk
        for (const line of chunk.split('\n')) if (line.trim() !== '') onLine(line.trim())
      }
      child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
        out += chunk
        take(chunk)
      })
      child.stderr.setEncoding('utf8').on('data', take)
      child.on('error', (error: NodeJS.ErrnoException) =>
        reject(
          new CommandError(
            error.code === 'ENOENT'
              ? 'there is no pulumi: install the npm package pulumi in infra/fleet, or the command (https://www.pulumi.com/docs/install)'
              : `pulumi cannot be started (${error.code})`,
            exitCode.outside,
          ),
        ),
      )
      child.on('close', (code) => resolve({ ok: code === 0, text, out }))
    })
  }

  /** The one of the workspace, from npm, else the one on PATH. */
  async #command(): Promise<string> {
    for (let folder = this.folder; ; folder = dirname(folder)) {
      const found = join(folder, 'node_modules', '.bin', 'pulumi')
      if (await exists(found)) return found
      if (folder === dirname(folder)) return 'pulumi'
    }
  }
}

/** Who holds the lock of a stack, as Pulumi says it: `root@host (pid 123) at 2026-11-25T10:00:00Z`. */
export function lockHolder(text: string): { who: string; host: string; pid: number } | undefined {
  const match = /created by (\S+)@(\S+) \(pid (\d+)\)( at \S+)?/.exec(text)
  if (!/currently locked/.test(text) || !match) return undefined
  return { who: match[0].replace('created by ', ''), host: match[2]!, pid: Number(match[3]) }
}

/** Whether a lock belongs to a process of this machine that is no more. */
function isLeftLock(text: string): boolean {
  const holder = lockHolder(text)
  return holder !== undefined && holder.host === hostname() && !isRunning(holder.pid)
}

/** What a run failed of, without the progress before it. */
export function reasonIn(text: string): string {
  const holder = lockHolder(text)
  if (holder)
    return `another deployment runs: the lock of the stack is held by ${holder.who}. Wait for it; when it is dead, npx pulumi cancel -s STACK in infra/fleet takes the lock away`
  const diagnostics = text.split(/^Diagnostics:$/m)[1]?.split(/^(?:Outputs|Resources):/m)[0]
  const lines = (diagnostics ?? text)
    .split('\n')
    .map((line) => line.trimEnd())
    .filter((line) => line.trim() !== '' && !/error: (update|preview) failed$/.test(line))
  return lines.slice(-40).join('\n').trim()
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  )
}
