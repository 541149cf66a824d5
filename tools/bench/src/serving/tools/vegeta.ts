import { execFile } from 'node:child_process'
import { access, mkdir, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { findCommand, runPinned } from './command.ts'
import type { Target } from './load.ts'

const version = 'v12.13.0'

/** What is printed in the page. */
export const vegetaFlags = `vegeta ${version}, GOMAXPROCS=1`

/** One request of an open model. */
export interface Shot {
  /** Sent so long after the first one. */
  readonly atMs: number
  /** 0 without an answer. */
  readonly status: number
  readonly latencyMs: number
  readonly bytes: number
}

/** vegeta sends so many requests a second, whether the answers come or not: latency is what a caller would see. */
export interface Vegeta {
  attack(
    target: Target,
    options: {
      readonly rate: number
      readonly seconds: number
      readonly timeoutMs: number
      /** Requests that are on their way at once, at most: more wait at the client. @default 4000 */
      readonly callers?: number
      /** @default 1 */
      readonly httpVersion?: 1 | 2
    },
  ): Promise<Shot[]>
}

/** Takes vegeta from the PATH, or builds it once with Go. @throws Error with how to get it */
export async function findVegeta(
  cache: string,
  scratch: string,
  progress: (text: string) => void,
): Promise<Vegeta> {
  const command = await findCommand('vegeta', '').catch(() => build(cache, progress))
  return {
    async attack({ url, headers, bodyFile }, { rate, seconds, timeoutMs, callers = 4000, httpVersion = 1 }) {
      const targets = join(scratch, 'vegeta.targets')
      const results = join(scratch, 'vegeta.results')
      const fields = Object.entries(headers).map(([name, value]) => `${name}: ${value}\n`)
      await writeFile(targets, `POST ${url}\n${fields.join('')}@${bodyFile}\n`)
      const args = [
        ...['attack', `-targets=${targets}`, `-output=${results}`, `-rate=${rate}/1s`],
        ...[`-duration=${seconds}s`, `-timeout=${timeoutMs}ms`, `-max-workers=${callers}`, '-redirects=-1'],
        ...(httpVersion === 2 ? ['-h2c'] : []),
      ]
      const timeoutAfterMs = (seconds + 60) * 1000
      await runPinned(command, args, { timeoutMs: timeoutAfterMs, env: { GOMAXPROCS: '1' } })
      const csv = await runPinned(command, ['encode', '-to=csv', results], { timeoutMs: timeoutAfterMs })
      return readShots(csv)
    },
  }
}

/** Reads the CSV of `vegeta encode`: time in nanoseconds, status, latency in nanoseconds, bytes out, bytes in, and more. */
export function readShots(csv: string): Shot[] {
  const rows = csv
    .split('\n')
    .filter((line) => /^\d+,\d+,\d+,\d+,\d+,/.test(line))
    .map((line) => line.split(',', 5))
  const first = rows.reduce((least, [at]) => (BigInt(at!) < least ? BigInt(at!) : least), 1n << 62n)
  return rows.map(([at, status, latency, , bytes]) => ({
    atMs: Number(BigInt(at!) - first) / 1e6,
    status: Number(status),
    latencyMs: Number(latency) / 1e6,
    bytes: Number(bytes),
  }))
}

async function build(cache: string, progress: (text: string) => void): Promise<string> {
  const folder = join(cache, `vegeta-${version}`)
  const file = join(folder, 'vegeta')
  if (
    await access(file).then(
      () => true,
      () => false,
    )
  )
    return file
  const go = await findCommand(
    'go',
    `vegeta is not there either: install Go to have it built, or go install github.com/tsenart/vegeta/v12@${version}`,
  )
  progress(`building vegeta ${version}`)
  const building = `${folder}.${process.pid}`
  await mkdir(building, { recursive: true })
  try {
    await promisify(execFile)(go, ['install', `github.com/tsenart/vegeta/v12@${version}`], {
      env: { ...process.env, GOBIN: building, GOFLAGS: '-mod=mod' },
      cwd: building,
    })
    await rm(folder, { recursive: true, force: true })
    await rename(building, folder)
  } finally {
    await rm(building, { recursive: true, force: true })
  }
  return file
}
