import { readFileSync } from 'node:fs'
import { order } from '../cases.ts'
import type { Load } from '../tools/load.ts'
import { cpuSecondsOf, Others } from './cpu.ts'
import { checkLoad, type LoadTools, type Subject, targetOf, toolOf, verify } from './subject.ts'

/** How many requests a server answers with one core, and what each costs. */
export interface Capacity {
  readonly requestsPerSecond: number
  /** What the server's process used of its core, divided by requests. */
  readonly cpuUsPerRequest: number
  readonly rssMiB: number
  /** What others used meanwhile, in percent of one core. */
  readonly othersPercent: number
}

/** Loads a server for some seconds, with nothing but right answers. @throws Error on any other */
export async function capacity(
  subject: Subject,
  tools: LoadTools,
  { seconds, scratch }: { seconds: number; scratch: string },
): Promise<Capacity> {
  const target = await targetOf(subject, order, scratch)
  const tool = toolOf(subject, tools)
  const bytes = await verify(subject, order)
  const measured = await watched(subject, () => tool.run(target, seconds))
  checkLoad(subject, measured.load, bytes)
  await verify(subject, order)
  const { load, cpuSeconds, othersPercent } = measured
  return {
    requestsPerSecond: Math.round(load.requests / load.seconds),
    cpuUsPerRequest: round((1e6 * cpuSeconds) / load.requests),
    rssMiB: residentMiB(subject.server.pid),
    othersPercent: round(othersPercent),
  }
}

/** Runs a load, and says what the server and others used meanwhile. */
export async function watched(
  { server: { pid } }: Subject,
  run: () => Promise<Load>,
): Promise<{ readonly load: Load; readonly cpuSeconds: number; readonly othersPercent: number }> {
  const others = new Others([pid])
  const before = cpuSecondsOf(pid)
  const load = await run()
  return { load, cpuSeconds: cpuSecondsOf(pid) - before, othersPercent: others.percentOfCore() }
}

function residentMiB(pid: number): number {
  const [, kib] = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? []
  return Math.round(Number(kib) / 1024)
}

function round(value: number): number {
  return Number(value.toPrecision(4))
}
