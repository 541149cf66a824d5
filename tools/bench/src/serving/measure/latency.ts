import { order } from '../cases.ts'
import type { Shot, Vegeta } from '../tools/vegeta.ts'
import { type Subject, targetOf, verify } from './subject.ts'

/** Latency at a fixed rate of requests. */
export interface Latency {
  readonly asked: number
  /** Less than what was asked: the client, which has one core, could not send more. */
  readonly sent: number
  /** Without an answer: the client gave up, or could not connect. */
  readonly unanswered: number
  readonly p50Ms: number
  readonly p99Ms: number
  readonly p999Ms: number
  readonly maxMs: number
}

/** Sends so many orders a second, whether answers come or not. @throws Error when an answer is not right */
export async function latency(
  subject: Subject,
  vegeta: Vegeta,
  { rate, seconds, scratch }: { rate: number; seconds: number; scratch: string },
): Promise<Latency> {
  await verify(subject, order)
  const target = await targetOf(subject, order, scratch)
  const shots = await vegeta.attack(target, { rate, seconds, timeoutMs: 5000 })
  const answered = shots.filter(({ status }) => status !== 0)
  const bodies = new Set(answered.map(({ bytes }) => bytes))
  const wrong = answered.filter(({ status }) => status !== 200).length
  if (answered.length === 0 || wrong > 0 || bodies.size > 1)
    throw new Error(
      `${subject.case.name}: ${wrong} of ${answered.length} answers at ${rate} a second are not 200, with ${[...bodies]} bytes`,
    )
  return {
    asked: rate,
    sent: sentPerSecond(shots),
    unanswered: shots.length - answered.length,
    ...percentiles(answered.map(({ latencyMs }) => latencyMs)),
  }
}

/** How many were sent each second. */
export function sentPerSecond(shots: readonly Shot[]): number {
  const last = shots.reduce((most, { atMs }) => Math.max(most, atMs), 0)
  return last === 0 ? shots.length : Math.round((shots.length - 1) / (last / 1000))
}

/** By nearest rank. */
export function percentiles(latenciesMs: readonly number[]) {
  const sorted = latenciesMs.toSorted((a, b) => a - b)
  const at = (share: number) =>
    Number((sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN).toPrecision(4))
  return { p50Ms: at(0.5), p99Ms: at(0.99), p999Ms: at(0.999), maxMs: at(1) }
}
