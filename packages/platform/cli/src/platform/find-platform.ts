import { glob, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { isRunning } from '@atlas/postgres/is-running'
import { defaultPort } from '../declaration.ts'
import { CommandError, exitCode } from '../exit-code.ts'
import type { PlatformOptions } from './options.ts'

/**
 * The URL of the platform that a command is about: what options say, else the one that runs in this workspace, else
 * the default port of this machine.
 *
 * @throws CommandError for a URL that is none, or where several run and none was named
 */
export async function findPlatform(
  root: string | undefined,
  { url, port }: PlatformOptions,
): Promise<string> {
  if (url !== undefined) return checked(url)
  if (port !== undefined) return `http://127.0.0.1:${port}`
  const running = root === undefined ? [] : await runningPlatforms(root)
  const [only, ...others] = running
  if (only !== undefined && others.length === 0) return only.url
  if (only !== undefined)
    throw new CommandError(
      `${running.length} platforms run in this workspace; say which: ${running.map((one) => `--url ${one.url}`).join(' or ')}`,
      exitCode.usage,
    )
  return `http://127.0.0.1:${defaultPort()}`
}

function checked(url: string): string {
  const withScheme = /^https?:\/\//.test(url) ? url : `http://${url}`
  if (!URL.canParse(withScheme))
    throw new CommandError(`'${url}' is not a URL; write it as in http://127.0.0.1:8080`, exitCode.usage)
  return withScheme.replace(/\/+$/, '')
}

/** What a running platform says of itself, `.atlas/<environment>/run.json`. */
export interface RunningPlatform {
  readonly url: string
  readonly pid: number
  /** `merged`, `isolated` or `groups`. */
  readonly placement?: string
}

/** The platforms that run in a workspace: those whose process is there. One that was killed left its file behind. */
export async function runningPlatforms(root: string): Promise<RunningPlatform[]> {
  const running: RunningPlatform[] = []
  for await (const file of glob('.atlas/*/run.json', { cwd: root })) {
    const text = await readFile(join(root, file), 'utf8').catch(() => '')
    const found = parsed(text)
    if (found && isRunning(found.pid)) running.push(found)
  }
  return running.sort((a, b) => (a.url < b.url ? -1 : 1))
}

function parsed(text: string): RunningPlatform | undefined {
  try {
    const { url, pid, placement } = JSON.parse(text) as Partial<RunningPlatform>
    return typeof url === 'string' && typeof pid === 'number'
      ? { url, pid, ...(typeof placement === 'string' && { placement }) }
      : undefined
  } catch {
    // Being written just now, or not ours.
    return undefined
  }
}
