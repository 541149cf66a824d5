import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { CommandError, exitCode } from '../../exit-code.ts'
import type { Output } from '../../output.ts'
import { mustBeOneOf } from '../../suggest.ts'
import { readCatalog } from '../../workspace/read-catalog.ts'
import { LogFile, rotatedLines } from './log-file.ts'
import { formatLogLine, type LogLine, levels, parseLogLine } from './log-line.ts'
import { sinceMs } from './since.ts'

/** Options of `atlas logs`. */
export interface LogsOptions {
  readonly cwd: string
  readonly servlets: readonly string[]
  readonly follow?: true
  readonly since?: string
  readonly lines?: string
  readonly level?: string
  readonly environment: string
  readonly namespace?: string
  readonly raw?: true
  readonly json: boolean
}

/** How often a followed log is looked at. */
const lookEveryMs = 200

/** `atlas logs`: what servlets wrote, in order of time, from the files that the platform on this machine keeps. */
export async function logs(options: LogsOptions, output: Output): Promise<number> {
  const { servlets, follow, environment, namespace, raw, json } = options
  if (follow && json)
    throw new CommandError(
      '--json prints one document, and a log that is followed has no end; use --raw, which is JSON line by line',
      exitCode.usage,
    )
  const wanted = filterOf(options)
  const count = countOf(options)
  const { root, servlets: known } = await readCatalog(options.cwd)
  const state = namespace === undefined ? environment : `${environment}.${namespace}`
  const folder = join(root, '.atlas', state, 'logs')
  const found = await servletsIn(folder)
  for (const name of servlets)
    mustBeOneOf('servlet', name, [...new Set([...known.map((one) => one.name), ...found])])
  const isNamed = (name: string) => servlets.length === 0 || servlets.includes(name)

  const files = new Map<string, LogFile>()
  const look = async (first: boolean): Promise<LogLine[]> => {
    const lines: LogLine[] = []
    for (const name of (await servletsIn(folder)).filter(isNamed)) {
      const file = files.get(name) ?? new LogFile(join(folder, `${name}.ndjson`))
      files.set(name, file)
      const older = first ? await rotatedLines(join(folder, `${name}.1.ndjson`)) : []
      for (const text of [...older, ...(await file.next())]) {
        const line = parseLogLine(text, name)
        if (line && wanted(line)) lines.push(line)
      }
    }
    return inOrderOfTime(lines)
  }
  try {
    const before = (await look(true)).slice(-count)
    if (json) output.json({ lines: before.map((line) => JSON.parse(line.raw) as unknown) })
    else {
      for (const line of before) output.print(raw ? line.raw : formatLogLine(line))
      if (before.length === 0 && !follow)
        output.note(
          found.length === 0
            ? `no logs in .atlas/${state}/logs; npm start writes them`
            : 'no lines that were asked for',
        )
    }
    while (follow) {
      await sleep(lookEveryMs)
      for (const line of await look(false)) output.print(raw ? line.raw : formatLogLine(line))
    }
    return exitCode.done
  } finally {
    for (const file of files.values()) await file.close()
  }
}

function filterOf({ since, level }: LogsOptions): (line: LogLine) => boolean {
  const fromMs = since === undefined ? undefined : sinceMs(since, Date.now())
  if (level !== undefined) mustBeOneOf('level', level, levels)
  const least = level === undefined ? -1 : levels.indexOf(level)
  return (line) =>
    (fromMs === undefined || Date.parse(line.time) >= fromMs) && levels.indexOf(line.level) >= least
}

function countOf({ lines, since }: LogsOptions): number {
  if (lines === undefined) return since === undefined ? 100 : Number.MAX_SAFE_INTEGER
  if (!/^[1-9]\d{0,8}$/.test(lines))
    throw new CommandError(`--lines '${lines}' is not a number of lines`, exitCode.usage)
  return Number(lines)
}

/** The servlets that have a log. */
async function servletsIn(folder: string): Promise<string[]> {
  const names = await readdir(folder).catch(() => [])
  return names.flatMap((name) => /^([^.]+)\.ndjson$/.exec(name)?.[1] ?? []).sort()
}

/** Lines of one servlet keep their order where their times are the same. */
function inOrderOfTime(lines: LogLine[]): LogLine[] {
  return lines.sort((a, b) => Date.parse(a.time) - Date.parse(b.time))
}
