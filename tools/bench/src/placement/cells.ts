import { spawn } from 'node:child_process'
import { readFile, writeFile } from 'node:fs/promises'
import { setTimeout as wait } from 'node:timers/promises'
import { median } from '../statistics.ts'
import { pathOf, servletFile } from './many-servlets.ts'
import { familyMiB, ussMiB } from './memory.ts'
import { said, startPlatform } from './started-platform.ts'

/** What was measured of one way to run so many servlets. */
export interface Cell {
  /** Until it says that it is up; of peers, until all have answered. */
  readonly bootMs: number
  /** Of all processes when nothing was asked yet. */
  readonly idleMiB: number
  /** Median of first answers of servlets that slept, or were never asked. */
  readonly coldMs: number
  /** Median of answers of a servlet that is awake. */
  readonly warmMs: number
  /** From a save to the first answer of the new code; 0 where nothing reloads. */
  readonly reloadMs: number
  /** Servlets that had been asked when memory was read again. */
  readonly asked: number
  /** Of all processes then. */
  readonly askedMiB: number
}

/** How much is asked of a cell. */
export interface Effort {
  /** First answers. */
  readonly colds: number
  readonly warms: number
  readonly reloads: number
  /** How many servlets are asked in all, as far as there are so many. */
  readonly asked: number
}

async function timed(url: string): Promise<number> {
  const began = performance.now()
  const response = await fetch(url)
  await response.text()
  if (response.status !== 200) throw new Error(`${url} answered ${response.status}`)
  return performance.now() - began
}

/** Measures Atlas in a workspace of `count` servlets. */
export async function measureAtlas(
  root: string,
  count: number,
  placement: string,
  effort: Effort,
): Promise<Cell> {
  await using platform = await startPlatform(root, ['--placement', placement])
  const { url, pid, bootMs } = platform
  // Blank processes are started behind the line that says that it is up.
  await wait(2000)
  const idleMiB = familyMiB(pid)
  // From the end: the pool is filled again after each, as it is between a person's clicks.
  const colds: number[] = []
  for (let index = 0; index < Math.min(effort.colds, count); index++) {
    colds.push(await timed(`${url}${pathOf(count - 1 - index)}`))
    if (placement === 'isolated') await wait(700)
  }
  const warm = `${url}${pathOf(count - 1)}`
  const warms: number[] = []
  for (let times = 0; times < effort.warms; times++) warms.push(await timed(warm))
  const reloads: number[] = []
  for (let times = 0; times < effort.reloads; times++)
    reloads.push(await reload(root, count - 1, warm, times))
  const asked = Math.min(effort.asked, count)
  let next = 0
  const ask = async () => {
    while (next < asked) await timed(`${url}${pathOf(next++)}`)
  }
  await Promise.all([ask(), ask(), ask(), ask()])
  return {
    bootMs,
    idleMiB,
    coldMs: median(colds),
    warmMs: median(warms),
    reloadMs: reloads.length > 0 ? median(reloads) : 0,
    asked,
    askedMiB: familyMiB(pid),
  }
}

/** Saves another answer, and asks until it comes. */
async function reload(root: string, index: number, url: string, times: number): Promise<number> {
  const file = servletFile(root, index)
  const text = await readFile(file, 'utf8')
  const word = `Word${times}${Date.now()}`
  await writeFile(file, text.replace(/`\w+ \$/, `\`${word} $`))
  const began = performance.now()
  for (;;) {
    const body = await (await fetch(url)).text()
    if (body.includes(word)) return performance.now() - began
    if (performance.now() - began > 60_000) throw new Error('what was saved was not loaded within a minute')
    await wait(2)
  }
}

/** Measures `count` plain servers, each a process. */
export async function measureProcesses(count: number, effort: Effort): Promise<Cell> {
  const children: ReturnType<typeof spawn>[] = []
  const began = performance.now()
  try {
    const ports: string[] = []
    const startNext = async () => {
      while (children.length < count) {
        const child = spawn(process.execPath, [plain], { stdio: ['ignore', 'pipe', 'pipe', 'ipc'] })
        children.push(child)
        ports.push(await said(child, /port (\d+)/))
      }
    }
    // As many at once as the machine has processors: more would only wait for each other.
    await Promise.all([startNext(), startNext()])
    const memory = () => children.reduce((sum, child) => sum + ussMiB(child.pid!), 0)
    return await measurePlain(began, ports, memory, effort)
  } finally {
    for (const child of children) child.kill('SIGKILL')
  }
}

/** Measures `count` plain servers, each a worker thread of one process. */
export async function measureWorkers(count: number, effort: Effort): Promise<Cell> {
  const began = performance.now()
  const child = spawn(process.execPath, [workers, String(count)], {
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  })
  try {
    const ports = (await said(child, /ports ([\d,]+)\n/)).split(',')
    return await measurePlain(began, ports, () => ussMiB(child.pid!), effort)
  } finally {
    child.kill('SIGKILL')
  }
}

const plain = new URL('./plain-server.ts', import.meta.url).pathname
const workers = new URL('./worker-host.ts', import.meta.url).pathname

async function measurePlain(
  began: number,
  ports: readonly string[],
  memory: () => number,
  effort: Effort,
): Promise<Cell> {
  const bootMs = performance.now() - began
  const idleMiB = memory()
  const url = (port: string) => `http://127.0.0.1:${port}/greet/ada`
  const colds: number[] = []
  for (const port of ports.slice(0, effort.colds)) colds.push(await timed(url(port)))
  const warms: number[] = []
  for (let times = 0; times < effort.warms; times++) warms.push(await timed(url(ports[0]!)))
  const asked = Math.min(effort.asked, ports.length)
  for (const port of ports.slice(0, asked)) await timed(url(port))
  return {
    bootMs,
    idleMiB,
    coldMs: median(colds),
    warmMs: median(warms),
    reloadMs: 0,
    asked,
    askedMiB: memory(),
  }
}
