import { readFile } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import type { Bench, BenchOptions, Measured } from '../bench.ts'
import { interleave, series } from '../rounds.ts'
import { median } from '../statistics.ts'
import { atlas, cases, order } from './cases.ts'
import { type Collector, startCollector } from './collector.ts'
import { inProcessCalls, inProcessVariants, networkCalls } from './measure/calls.ts'
import { capacity } from './measure/capacity.ts'
import { waitForQuiet } from './measure/cpu.ts'
import { type Latency, latency } from './measure/latency.ts'
import { type Overload, overload, type WorkPath } from './measure/overload.ts'
import { type LoadTools, type Subject, targetOf, toolOf, verify } from './measure/subject.ts'
import { type Unhappy, unhappy, unhappyKinds } from './measure/unhappy.ts'
import { method } from './method.ts'
import { fullPlan, type Plan, quickPlan } from './plan.ts'
import {
  callNames,
  figuresOf,
  type Named,
  othersPercent,
  type Results,
  ratiosOf,
  rowsOf,
  wasQuiet,
} from './results.ts'
import { startServer } from './servers.ts'
import { clientCore, findCommand, serverCore } from './tools/command.ts'
import { findH2load, h2loadFlags } from './tools/h2load.ts'
import { findVegeta, type Vegeta, vegetaFlags } from './tools/vegeta.ts'
import { findWrk, wrkFlags } from './tools/wrk.ts'

/** How many requests Atlas answers, against those whom teams would take otherwise. */
export const serving: Bench = {
  name: 'serving',
  summary: 'Serves one order over HTTP/1.1, HTTP/2, Connect and gRPC, on Atlas and its peers.',
  run,
}

/** Beyond this others are most of what is measured: a full run would only mislead. */
const tooBusyPercent = 40

async function run({ quick, scratch, progress }: BenchOptions): Promise<Measured> {
  const plan = quick ? quickPlan : fullPlan
  if (availableParallelism() < 2)
    throw new Error('the serving bench needs two cores: one for servers and one for those who ask')
  await findCommand('taskset', 'it is in the Debian package util-linux')
  const tools: LoadTools = { wrk: await findWrk(scratch), h2load: await findH2load() }
  const vegeta = await findVegeta(join(process.cwd(), '.atlas/tools'), scratch, progress)

  const busyPercent = await waitForQuiet({ waitSeconds: plan.waitForQuietSeconds, lookSeconds: 3 }, progress)
  if (!quick && busyPercent > tooBusyPercent)
    throw new Error(
      `others use ${Math.round(busyPercent)} % of a core of this machine, so that they would be measured too; ` +
        'stop them and run the bench again, or see whether it works with --quick',
    )

  const subjects: Subject[] = []
  const collector = await startCollector()
  try {
    for (const each of cases) {
      progress(`starting ${each.name}`)
      const env = { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url }
      subjects.push({ case: each, server: await startServer(each.server, { core: serverCore, env }) })
    }
    const results = await measure({ plan, tools, vegeta, subjects, collector, scratch, progress })
    const others = othersPercent(results)
    return {
      rows: rowsOf(results),
      ratios: ratiosOf(results),
      figures: figuresOf(results),
      bars: [
        { figure: 'timesFastify', atLeast: 0.95 },
        { figure: 'timesExpress', atLeast: 2 },
        { figure: 'timesTrpc', atLeast: 6 },
        { figure: 'timesGrpcJs', atLeast: 1.7 },
        { figure: 'inProcessCallUs', atMost: 2 },
        { figure: 'goodputShareAt3x', atLeast: 0.9 },
        { figure: 'http2GoodputShareAt3x', atLeast: 0.9 },
      ],
      flags: {
        quiet: wasQuiet(results)
          ? `yes: others used ${others.median} % of a core in the middle turn, ${others.worst} % in the worst`
          : `NO: others used ${others.median} % of a core in the middle turn, ${others.worst} % in the worst`,
        ...plan,
        everyPeer: String(plan.everyPeer),
        orderBytes: JSON.stringify(order).length,
        cores: `servers ${serverCore}, clients ${clientCore}`,
        governor: await governor(),
        wrk: wrkFlags,
        h2load: h2loadFlags,
        vegeta: vegetaFlags,
        batchesOfSpans: collector.batches,
      },
      versions: await versions(),
      method: method(plan, wasQuiet(results)),
    }
  } finally {
    await Promise.all(subjects.map(({ server }) => server.stop()))
    await collector.close()
  }
}

interface Measuring {
  readonly plan: Plan
  readonly tools: LoadTools
  readonly vegeta: Vegeta
  readonly subjects: readonly Subject[]
  readonly collector: Collector
  readonly scratch: string
  readonly progress: (text: string) => void
}

async function measure(options: Measuring): Promise<Results> {
  const { plan, tools, vegeta, subjects, collector, scratch, progress } = options
  // Before anything is timed: every server answers the same.
  for (const subject of subjects) await verify(subject, order)
  if (plan.warmUpSeconds > 0)
    for (const subject of subjects) {
      progress(`warming up ${subject.case.name}`)
      await toolOf(subject, tools).run(await targetOf(subject, order, scratch), plan.warmUpSeconds)
    }

  const capacities = await interleave(
    subjects.map((subject) => ({
      name: subject.case.name,
      measure: () => capacity(subject, tools, { seconds: plan.seconds, scratch }),
    })),
    plan.rounds,
    progress,
  )

  const ours = subjects.find(({ case: each }) => each.peer === atlas && each.protocol.httpVersion === 1)!
  const ours2 = subjects.find(({ case: each }) => each.peer === atlas && each.protocol.httpVersion === 2)!
  const calls = await interleave(
    [
      ...inProcessVariants.map((variant) => ({
        name: callNames.inProcess(variant),
        measure: () => inProcessCalls(variant, collector.url, plan.callSeconds),
      })),
      ...(['http2', 'fetch'] as const).map((transport) => ({
        name: callNames.network(transport),
        measure: () => networkCalls(transport, ours.server.port, plan.callSeconds),
      })),
    ],
    plan.callRounds,
    progress,
  )

  const json = subjects.filter(({ case: { protocol } }) => protocol.name === ours.case.protocol.name)
  const some = json.filter(({ case: { peer } }) => plan.everyPeer || peer === atlas || peer === 'fastify')
  const capacityOf = ({ case: { name } }: Subject) =>
    median(series(capacities, name, ({ requestsPerSecond }) => requestsPerSecond))
  const slowest = Math.min(...json.map(capacityOf))
  const latencies: Named<Latency>[] = []
  const unhappies: Named<Unhappy>[] = []
  const overloads: Named<Overload>[] = []

  for (const share of [0.5, 0.75])
    for (const subject of some) {
      progress(`latency at ${share * 100} % of the slowest: ${subject.case.name}`)
      const rate = Math.round(share * slowest)
      const measured = await latency(subject, vegeta, { rate, seconds: plan.latencySeconds, scratch })
      latencies.push({ case: `${subject.case.peer} at ${share * 100} % of the slowest`, measured })
    }
  for (const subject of some) {
    progress(`latency at half of its own capacity: ${subject.case.name}`)
    const rate = Math.round(0.5 * capacityOf(subject))
    const measured = await latency(subject, vegeta, { rate, seconds: plan.latencySeconds, scratch })
    latencies.push({ case: `${subject.case.peer} at half of its own`, measured })
  }

  for (const kind of unhappyKinds)
    for (const subject of some) {
      progress(`${kind}: ${subject.case.name}`)
      const measured = await unhappy(subject, kind, tools, { seconds: plan.unhappySeconds, scratch })
      unhappies.push({ case: `${kind}: ${subject.case.peer}`, measured })
    }

  const push = async (subject: Subject, path: WorkPath, name: string) => {
    progress(`three times what it can do: ${name}`)
    const { overloadSeconds: seconds, overloadRounds: rounds } = plan
    const options = { path, times: 3, seconds, rounds, scratch }
    for (const measured of await overload(subject, tools, vegeta, options))
      overloads.push({ case: name, measured })
  }
  for (const subject of some)
    if (withWork.has(subject.case.server.file)) await push(subject, '/work', subject.case.name)
  await push(ours, '/little-work', `${ours.case.name}, little work`)
  await push(ours, '/compute', `${ours.case.name}, computing only`)
  await push(ours2, '/work', ours2.case.name)
  return { capacity: capacities, calls, latency: latencies, unhappy: unhappies, overload: overloads }
}

/** Files in servers/ that have `/work`. */
const withWork = new Set(['atlas.ts', 'fastify.ts', 'express.ts'])

async function governor(): Promise<string> {
  const file = '/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor'
  return (await readFile(file, 'utf8').catch(() => 'not visible')).trim()
}

const peers = [
  ...['fastify', 'hono', '@hono/node-server', 'express', '@nestjs/core', '@nestjs/platform-fastify'],
  ...['@orpc/server', '@trpc/server', '@grpc/grpc-js', '@connectrpc/connect-node', 'protobufjs', 'zod'],
]

async function versions(): Promise<Record<string, string>> {
  const found: Record<string, string> = { node: process.versions.node }
  for (const name of peers) found[name] = await versionOf(name)
  return found
}

/** Read beside the module, since few packages export their package.json. */
async function versionOf(name: string): Promise<string> {
  const path = new URL(import.meta.resolve(name)).pathname
  const end = path.lastIndexOf(`/node_modules/${name}/`) + `/node_modules/${name}/`.length
  const text = await readFile(join(path.slice(0, end), 'package.json'), 'utf8')
  return (JSON.parse(text) as { version: string }).version
}
