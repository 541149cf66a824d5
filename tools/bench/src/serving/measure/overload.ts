import { order } from '../cases.ts'
import type { Vegeta } from '../tools/vegeta.ts'
import { percentiles } from './latency.ts'
import { type LoadTools, type Subject, targetOf, toolOf, verify } from './subject.ts'

/** What is left of a server that is asked for more than it can do. */
export interface Overload {
  /** Orders a second, when asked for no more than it can do. */
  readonly capacity: number
  /** How many times that were sent. More than three: the client caught up after it was kept waiting. */
  readonly sentTimes: number
  /** Right answers a second that came within the patience of the caller, by the last three quarters of the time. */
  readonly goodput: number
  /** Goodput over capacity. */
  readonly goodputShare: number
  /** Of right answers, however late. */
  readonly p50Ms: number
  readonly p99Ms: number
  /** Requests that were told to come back later. */
  readonly refusedShare: number
}

/** After so long a caller has given up, and an answer is of no use. */
export const patienceMs = 1000

/** Where the orders with work in them are placed: those that wait before they compute, and those that compute only. */
export type WorkPath = '/work' | '/little-work' | '/compute'

/**
 * How many requests are on their way at once, at most; over HTTP/1.1 each has a connection. As many as a gateway or a few clients
 * with their pools have: who opens thousands of connections measures how connections are made.
 */
export const callers = 512

/** Enough to keep a server busy while some of its handlers wait, and few enough for any limiter. */
export const atOnce = 12

/** Finds out what a server can do of orders with work in them, and asks for a multiple of it. */
export async function overload(
  subject: Subject,
  tools: LoadTools,
  vegeta: Vegeta,
  { path, times, seconds, scratch }: { path: WorkPath; times: number; seconds: number; scratch: string },
): Promise<Overload> {
  await verify(subject, order, path)
  const target = await targetOf(subject, order, scratch, path)
  const tool = toolOf(subject, tools)
  await tool.run(target, 1, atOnce)
  const load = await tool.run(target, Math.max(1, Math.round(seconds / 2)), atOnce)
  const capacity = (load.requests - load.notSuccessful) / load.seconds
  if (!(capacity > 0)) throw new Error(`${subject.case.name} answers no order with work in it`)
  const rate = Math.round(times * capacity)
  const shots = await vegeta.attack(target, {
    ...{ rate, seconds, callers, timeoutMs: 5 * patienceMs },
    httpVersion: subject.case.protocol.httpVersion,
  })
  const settledMs = (seconds * 1000) / 4
  const late = shots.filter(({ atMs }) => atMs >= settledMs)
  const right = late.filter(({ status }) => status === 200)
  const inTime = right.filter(({ latencyMs }) => latencyMs <= patienceMs)
  const goodput = inTime.length / (seconds - settledMs / 1000)
  const { p50Ms, p99Ms } = percentiles(right.map(({ latencyMs }) => latencyMs))
  const refused = late.filter(({ status }) => status === 429 || status === 503)
  return {
    capacity: Math.round(capacity),
    sentTimes: Number((late.length / (seconds - settledMs / 1000) / capacity).toPrecision(3)),
    goodput: Math.round(goodput),
    goodputShare: Number((goodput / capacity).toPrecision(3)),
    p50Ms,
    p99Ms,
    refusedShare: Number((refused.length / late.length).toPrecision(3)),
  }
}
