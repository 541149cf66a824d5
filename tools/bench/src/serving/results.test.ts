import { expect, it } from 'vitest'
import { toPage } from '../report.ts'
import { cases } from './cases.ts'
import { inProcessVariants } from './measure/calls.ts'
import { callNames, figuresOf, type Results, ratioName, ratiosOf, rowsOf, wasQuiet } from './results.ts'

/** Every server does 1000 a second, Atlas and its bare form more. */
function results(othersPercent = 0): Results {
  const rounds = [1, 2, 3]
  return {
    capacity: rounds.flatMap((round) =>
      cases.map(({ name, peer }) => ({
        case: name,
        round,
        measured: {
          requestsPerSecond: peer === 'Atlas' ? 2000 : peer === 'Atlas, bare' ? 2500 : 1000,
          cpuUsPerRequest: peer.startsWith('Atlas') ? 400 : 1000,
          rssMiB: 100,
          othersPercent,
        },
      })),
    ),
    calls: [...inProcessVariants.map(callNames.inProcess), ...['http2', 'fetch'].map(callNames.network)].map(
      (name, index) => ({
        case: name,
        round: 1,
        measured: { usPerCall: index + 1, cpuUsPerCall: index + 1, calls: 10 },
      }),
    ),
    latency: [],
    unhappy: [],
    overload: [
      {
        case: 'HTTP/1.1 JSON: Atlas',
        measured: {
          capacity: 1000,
          sentTimes: 3,
          goodput: 950,
          goodputShare: 0.95,
          p50Ms: 10,
          p99Ms: 50,
          refusedShare: 0.6,
        },
      },
    ],
  }
}

it('has a ratio for every peer, with telemetry and limiter on', () => {
  const ratios = ratiosOf(results())
  expect(Object.keys(ratios)).toEqual([
    'node:http',
    'fastify',
    'hono',
    'express',
    'NestJS',
    'oRPC',
    'tRPC',
    'node:http2',
    'fastify, HTTP/2 JSON',
    'connect-node, Connect JSON over HTTP/1.1',
    'connect-node, Connect protobuf over HTTP/2',
    'grpc-js',
    'node:http2, gRPC',
    'connect-node',
  ])
  for (const ratio of Object.values(ratios)) expect(ratio).toEqual({ value: 2, low: 2, high: 2 })
})

it('names no two peers alike', () => {
  const names = cases.filter(({ peer }) => !peer.startsWith('Atlas')).map(ratioName)
  expect(new Set(names).size).toBe(names.length)
})

it('has the figures that bars are about', () => {
  expect(figuresOf(results())).toMatchObject({
    timesFastify: { value: 2 },
    timesExpress: { value: 2 },
    timesTrpc: { value: 2 },
    timesGrpcJs: { value: 2 },
    cpuTimesFastify: { value: 2.5 },
    bareTimesFastify: { value: 2.5 },
    productionTimesBare: { value: 0.8 },
    inProcessCallUs: 2,
    networkCallUs: 5,
    nodeHttp2TimesGrpcJs: { value: 1 },
    grpcTimesNodeHttp2: { value: 2 },
    goodputShareAt3x: { value: 0.95 },
    p99MsAt3x: 50,
  })
})

it('knows whether others disturbed it', () => {
  expect(wasQuiet(results(3))).toBe(true)
  expect(wasQuiet(results(30))).toBe(false)
})

it('has a table in the page for each part', () => {
  const measured = {
    rows: rowsOf(results()),
    ratios: {},
    figures: {},
    bars: [],
    flags: {},
    versions: {},
    method: 'As said.',
  }
  const machine = { cpu: '', cores: 2, memoryGiB: 1, os: '', loadBefore: 0, versions: {}, flags: {} }
  const bench = { name: 'serving', summary: 'Serves.' }
  const page = toPage({ bench, date: new Date(0), machine, measured })
  expect(page).toContain('### calls\n\n| case | usPerCall | cpuUsPerCall | calls |')
  expect(page).toContain('### overload\n\n| case | capacity | sentTimes |')
  expect(page).not.toContain('NaN')
})
