import { order } from '../cases.ts'
import type { Shot, Vegeta } from '../tools/vegeta.ts'
import { percentiles } from './latency.ts'
import { type LoadTools, type Subject, targetOf, toolOf, verify } from './subject.ts'

/** What is left of a server that is asked for more than it can do. */
export interface Overload {
  /** Orders a second, when asked for no more than it can do: the mean of before and after. */
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

/** What is asked of a server. */
export interface OverloadOptions {
  readonly path: WorkPath
  /** How many times what it can do. */
  readonly times: number
  readonly seconds: number
  readonly rounds: number
  readonly scratch: string
}

/**
 * Finds out what a server can do of orders with work in them, and asks for a multiple of it; again and again, because a machine
 * with neighbours is not equally fast at all times: a round compares what was answered with what could be done just before and just
 * after.
 */
export async function overload(
  subject: Subject,
  tools: LoadTools,
  vegeta: Vegeta,
  { path, times, seconds, rounds, scratch }: OverloadOptions,
): Promise<Overload[]> {
  await verify(subject, order, path)
  const target = await targetOf(subject, order, scratch, path)
  const tool = toolOf(subject, tools)
  const able = async (): Promise<number> => {
    const load = await tool.run(target, Math.max(1, Math.round(seconds / 3)), atOnce)
    const perSecond = (load.requests - load.notSuccessful) / load.seconds
    if (!(perSecond > 0)) throw new Error(`${subject.case.name} answers no order with work in it`)
    return perSecond
  }
  await tool.run(target, 1, atOnce)
  const all: Overload[] = []
  let before = await able()
  for (let round = 0; round < rounds; round++) {
    const shots = await vegeta.attack(target, {
      ...{ rate: Math.round(times * before), seconds, callers, timeoutMs: 5 * patienceMs },
      httpVersion: subject.case.protocol.httpVersion,
    })
    const after = await able()
    all.push(overloadOf(shots, (before + after) / 2, seconds))
    before = after
  }
  return all
}

/** What became of orders that were sent for some seconds to a server that can do so many each second. */
export function overloadOf(shots: readonly Shot[], capacity: number, seconds: number): Overload {
  const settledMs = (seconds * 1000) / 4
  const settledSeconds = seconds - settledMs / 1000
  const late = shots.filter(({ atMs }) => atMs >= settledMs)
  const right = late.filter(({ status }) => status === 200)
  const inTime = right.filter(({ latencyMs }) => latencyMs <= patienceMs)
  const goodput = inTime.length / settledSeconds
  const { p50Ms, p99Ms } = percentiles(right.map(({ latencyMs }) => latencyMs))
  const refused = late.filter(({ status }) => status === 429 || status === 503)
  return {
    capacity: Math.round(capacity),
    sentTimes: Number((late.length / settledSeconds / capacity).toPrecision(3)),
    goodput: Math.round(goodput),
    goodputShare: Number((goodput / capacity).toPrecision(3)),
    p50Ms,
    p99Ms,
    refusedShare: Number((refused.length / late.length).toPrecision(3)),
  }
}
