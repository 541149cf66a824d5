import type { Measured, Row } from '../bench.ts'
import { type Sample, series } from '../rounds.ts'
import { type Estimate, median, ratioOfMedians } from '../statistics.ts'
import type { CallCost } from './calls/time-calls.ts'
import { atlas, atlasBare, type Case, cases } from './cases.ts'
import type { Capacity } from './measure/capacity.ts'
import { quietPercent } from './measure/cpu.ts'
import type { Latency } from './measure/latency.ts'
import type { Overload } from './measure/overload.ts'
import type { Unhappy } from './measure/unhappy.ts'

/** What was measured of a case once. */
export interface Named<T> {
  readonly case: string
  readonly measured: T
}

/** All that was measured, each by the name of its case. */
export interface Results {
  readonly capacity: readonly Sample<Capacity>[]
  readonly calls: readonly Sample<CallCost>[]
  readonly latency: readonly Named<Latency>[]
  readonly unhappy: readonly Named<Unhappy>[]
  readonly overload: readonly Named<Overload>[]
}

/** Names of the cases of calls. */
export const callNames = {
  inProcess: (variant: string) => `in-process: ${variant}`,
  network: (transport: string) => `network: ${transport}`,
}

const http1 = 'HTTP/1.1 JSON'

/** What others use, in percent of one core, while cases are measured: the middle turn, and the worst. */
export function othersPercent({ capacity }: Results): { readonly median: number; readonly worst: number } {
  const percents = capacity.map(({ measured }) => measured.othersPercent)
  return { median: median(percents), worst: Math.max(...percents) }
}

/** Whether the machine was ours. */
export function wasQuiet(results: Results): boolean {
  return othersPercent(results).median <= quietPercent
}

export function rowsOf({ capacity, calls, latency, unhappy, overload }: Results): Row[] {
  return [
    ...capacity.map(({ case: name, round, measured }) => ({
      part: 'capacity',
      case: name,
      round,
      ...measured,
    })),
    ...calls.map(({ case: name, round, measured }) => ({ part: 'calls', case: name, round, ...measured })),
    ...latency.map(({ case: name, measured }) => ({ part: 'latency', case: name, ...measured })),
    ...unhappy.map(({ case: name, measured }) => ({ part: 'unhappy', case: name, ...measured })),
    ...overload.map(({ case: name, measured }) => ({ part: 'overload', case: name, ...measured })),
  ]
}

/** Requests a second of Atlas, as everybody gets it, over those of each peer in the same protocol. */
export function ratiosOf({ capacity }: Results): Record<string, Estimate> {
  const peers = cases.filter(({ peer }) => peer !== atlas && peer !== atlasBare)
  return Object.fromEntries(
    peers.map((each) => [ratioName(each), times(capacity, each, atlas, 'requestsPerSecond')]),
  )
}

export function figuresOf(results: Results): Measured['figures'] {
  const { capacity, calls, overload } = results
  const of = (name: string) => cases.find((each) => each.name === name)!
  const fastify = of(`${http1}: fastify`)
  const express = of(`${http1}: express`)
  const node = of(`${http1}: node:http`)
  const trpc = of(`${http1}: tRPC`)
  const grpcJs = of('gRPC: grpc-js')
  const nodeGrpc = of('gRPC: node:http2')
  const medianOf = (name: string, number: (measured: Capacity) => number) =>
    median(series(capacity, name, number))
  const call = (name: string, number: (cost: CallCost) => number = ({ usPerCall }) => usPerCall) =>
    median(series(calls, name, number))
  const pushed = (name: string) => {
    const all = overload.filter((each) => each.case === name).map(({ measured }) => measured)
    if (all.length === 0) return undefined
    const each = (number: (measured: Overload) => number) => all.map(number)
    return {
      share: ratioOfMedians(
        each(({ goodput }) => goodput),
        each(({ capacity }) => capacity),
      ),
      p99Ms: median(each(({ p99Ms }) => p99Ms)),
    }
  }
  const pushed1 = pushed(`${http1}: ${atlas}`)
  const pushed2 = pushed(`HTTP/2 JSON: ${atlas}`)
  return {
    timesFastify: times(capacity, fastify, atlas, 'requestsPerSecond'),
    timesExpress: times(capacity, express, atlas, 'requestsPerSecond'),
    timesTrpc: times(capacity, trpc, atlas, 'requestsPerSecond'),
    timesGrpcJs: times(capacity, grpcJs, atlas, 'requestsPerSecond'),
    cpuTimesFastify: times(capacity, fastify, atlas, 'cpuUsPerRequest'),
    cpuTimesGrpcJs: times(capacity, grpcJs, atlas, 'cpuUsPerRequest'),
    bareTimesFastify: times(capacity, fastify, atlasBare, 'requestsPerSecond'),
    bareTimesNodeHttp: times(capacity, node, atlasBare, 'requestsPerSecond'),
    bareTimesGrpcJs: times(capacity, grpcJs, atlasBare, 'requestsPerSecond'),
    nodeHttp2TimesGrpcJs: times(capacity, grpcJs, nodeGrpc.peer, 'requestsPerSecond'),
    grpcTimesNodeHttp2: times(capacity, nodeGrpc, atlas, 'requestsPerSecond'),
    productionTimesBare: times(capacity, of(`${http1}: ${atlasBare}`), atlas, 'requestsPerSecond'),
    requestsPerSecond: medianOf(`${http1}: ${atlas}`, ({ requestsPerSecond }) => requestsPerSecond),
    cpuUsPerRequest: medianOf(`${http1}: ${atlas}`, ({ cpuUsPerRequest }) => cpuUsPerRequest),
    grpcRequestsPerSecond: medianOf(`gRPC: ${atlas}`, ({ requestsPerSecond }) => requestsPerSecond),
    grpcCpuUsPerRequest: medianOf(`gRPC: ${atlas}`, ({ cpuUsPerRequest }) => cpuUsPerRequest),
    inProcessCallUs: call(callNames.inProcess('not sampled')),
    inProcessCallSampledUs: call(callNames.inProcess('sampled by 1 %')),
    inProcessCallBareUs: call(callNames.inProcess('bare')),
    networkCallUs: call(callNames.network('http2')),
    networkCallClientCpuUs: call(callNames.network('http2'), ({ cpuUsPerCall }) => cpuUsPerCall),
    networkCallByFetchUs: call(callNames.network('fetch')),
    ...(pushed1 && { goodputShareAt3x: pushed1.share, p99MsAt3x: pushed1.p99Ms }),
    ...(pushed2 && { http2GoodputShareAt3x: pushed2.share, http2P99MsAt3x: pushed2.p99Ms }),
    othersPercentOfCore: othersPercent(results).median,
  }
}

/** The name of a peer, with the protocol where it has several. */
export function ratioName({ peer, protocol }: Case): string {
  const main = cases.find((each) => each.peer === peer)!
  if (peer === 'connect-node') return protocol.name === 'gRPC' ? peer : `${peer}, ${protocol.name}`
  return main.protocol.name === protocol.name ? peer : `${peer}, ${protocol.name}`
}

/** How many times better one side of a protocol is than a peer: more requests, or less of the processor for each. */
function times(
  capacity: readonly Sample<Capacity>[],
  peer: Case,
  ours: string,
  number: 'requestsPerSecond' | 'cpuUsPerRequest',
): Estimate {
  const [us, them] = [`${protocolOf(peer)}: ${ours}`, peer.name].map((name) =>
    series(capacity, name, (measured) => measured[number]),
  )
  return number === 'requestsPerSecond' ? ratioOfMedians(us!, them!) : ratioOfMedians(them!, us!)
}

function protocolOf({ protocol }: Case): string {
  return protocol.name
}
