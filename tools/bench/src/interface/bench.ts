import { join } from 'node:path'
import {
  type Change,
  compare,
  type ImportedServlet,
  type InterfaceDocument,
  importOpenApi,
  type OpenApiDescription,
} from '@atlas/interface'
import type { Bench, BenchOptions, Measured, Row } from '../bench.ts'
import { median } from '../statistics.ts'
import { agreement, breaksOf } from './agreement.ts'
import { runBuf } from './buf.ts'
import { classOfOurs, classOfTheirs, unexplained } from './classify.ts'
import { DescribedApi } from './described.ts'
import { descriptionFile, oasdiff, readJson, runOasdiff, versions } from './history.ts'

/** What comparing interfaces costs on a real history, beside oasdiff and buf, and where they do not agree. */
export const interfaces: Bench = {
  name: 'interface',
  summary: "Compares versions of GitHub's REST API, servlet by servlet, beside oasdiff and buf.",
  run,
}

async function run({ quick, progress, scratch }: BenchOptions): Promise<Measured> {
  const chosen = quick ? versions.slice(-2) : versions
  const rows: Row[] = []
  const each: number[] = []
  const ratios: Record<'oasdiff' | 'buf', number[]> = { oasdiff: [], buf: [] }
  const operations = { both: 0, atlasOnly: 0, oasdiffOnly: 0, unexplained: 0 }
  const disagreements: { only: string; why: string }[] = []
  const onWire = { bufAndAtlas: 0, bufOnly: 0 }
  const command = await oasdiff().catch((error: Error) => {
    progress(`without oasdiff: ${error.message.split('\n')[0]}`)
    return undefined
  })
  let from = chosen[0]!
  let before = await imported(from, new Map())
  for (const to of chosen.slice(1)) {
    progress(`${from} to ${to}`)
    const began = performance.now()
    const after = await imported(to, before.servlets)
    const importSeconds = (performance.now() - began) / 1000
    const breaks = new Map<string, Change[]>()
    const hurt = new Set<string>()
    const onGrpc = new Map<string, [InterfaceDocument, InterfaceDocument]>()
    let compareMs = 0
    let grpcMs = 0
    for (const [name, old] of before.servlets) {
      const now = after.servlets.get(name)
      if (!now) {
        for (const { route } of Object.values(old.document.endpoints)) breaks.set(route, [])
        continue
      }
      const started = performance.now()
      const comparison = compare(old.document, now.document)
      const ms = performance.now() - started
      compareMs += ms
      each.push(ms)
      if (old.document.protobuf && now.document.protobuf) {
        onGrpc.set(name, [old.document, now.document])
        grpcMs += ms
      }
      if (comparison.changes.some(({ severity }) => /breaking/.test(severity))) hurt.add(name)
      for (const [operation, changes] of breaksOf(old, comparison)) breaks.set(operation, changes)
      const endpoints = Object.keys(old.document.endpoints).length
      rows.push({ part: 'servlets', case: name, from, to, endpoints, ms: round(ms), step: comparison.bump })
    }
    const buf = await runBuf(join(scratch, to), onGrpc)
    ratios.buf.push((buf.seconds * 1000) / grpcMs)
    for (const name of buf.reported) onWire[hurt.has(name) ? 'bufAndAtlas' : 'bufOnly']++
    const row = {
      part: 'versions',
      case: `${from} to ${to}`,
      importSeconds: round(importSeconds),
      compareSeconds: round(compareMs / 1000),
      bufServlets: onGrpc.size,
      bufSeconds: round(buf.seconds),
      bufReports: buf.reported.size,
    }
    if (command === undefined) rows.push(row)
    else {
      const other = await runOasdiff(command, await descriptionFile(from), await descriptionFile(to))
      const routes = new Map(
        [...before.servlets.values()].flatMap((servlet) =>
          Object.values(servlet.document.endpoints).map(({ route }) => [route, servlet] as const),
        ),
      )
      const found = agreement(breaks, other.findings, new Set(routes.keys()))
      operations.both += found.both.length
      operations.atlasOnly += found.atlasOnly.length
      operations.oasdiffOnly += found.oasdiffOnly.size
      ratios.oasdiff.push(other.seconds / (2 * importSeconds + compareMs / 1000))
      rows.push({
        ...row,
        oasdiffSeconds: round(other.seconds),
        both: found.both.length,
        atlasOnly: found.atlasOnly.length,
        oasdiffOnly: found.oasdiffOnly.size,
      })
      const versionsOf = (operation: string) => {
        const was = routes.get(operation)!
        return {
          before: before.described,
          after: after.described,
          was,
          is: after.servlets.get(was.name),
          elsewhere: [...after.servlets.values()].find(
            ({ name, document }) =>
              name !== was.name && Object.values(document.endpoints).some(({ route }) => route === operation),
          )?.name,
        }
      }
      const disagreement = (operation: string, only: string, why: string, rules: readonly string[]): void => {
        if (why === unexplained) operations.unexplained++
        const says = [...new Set(rules)].join(', ')
        disagreements.push({ only, why })
        rows.push({ part: 'disagreements', case: operation, to, only, why, rules: says })
      }
      for (const operation of found.atlasOnly) {
        const changes = breaks.get(operation)!
        const why = classOfOurs(operation, changes, versionsOf(operation))
        disagreement(
          operation,
          'Atlas',
          why,
          changes.map(({ rule }) => rule),
        )
      }
      for (const [operation, findings] of found.oasdiffOnly) {
        const { was, is } = versionsOf(operation)
        const known = is ? compare(was.document, is.document).changes : []
        const own = known.filter(
          ({ endpoint }) => endpoint !== undefined && was.document.endpoints[endpoint]?.route === operation,
        )
        const why = classOfTheirs(operation, findings, own, versionsOf(operation))
        disagreement(
          operation,
          'oasdiff',
          why,
          findings.map(({ id }) => id),
        )
      }
    }
    from = to
    before = after
  }
  for (const [only, found] of Map.groupBy(disagreements, (row) => row.only))
    for (const [why, those] of Map.groupBy(found, (row) => row.why))
      rows.push({ part: 'classes of disagreements', case: `only ${only}: ${why}`, operations: those.length })
  const ratio = (values: readonly number[]) => ({
    value: median(values),
    low: Math.min(...values),
    high: Math.max(...values),
  })
  const slowest = Math.max(...each)
  return {
    rows,
    ratios: {
      ...(command === undefined ? {} : { oasdiff: ratio(ratios.oasdiff) }),
      buf: ratio(ratios.buf),
    },
    figures: {
      medianMsPerServlet: median(each),
      slowestServletMs: slowest,
      servletsOver200Ms: each.filter((ms) => ms >= 200).length,
      servletsThatBufAndAtlasReport: onWire.bufAndAtlas,
      servletsThatOnlyBufReports: onWire.bufOnly,
      ...(command === undefined
        ? {}
        : {
            operationsBoth: operations.both,
            operationsAtlasOnly: operations.atlasOnly,
            operationsOasdiffOnly: operations.oasdiffOnly,
            operationsUnexplained: operations.unexplained,
          }),
    },
    bars: [
      { figure: 'slowestServletMs', atMost: 200 },
      { figure: 'servletsThatOnlyBufReports', atMost: 0 },
      ...(command === undefined ? [] : [{ figure: 'operationsUnexplained', atMost: 0 }]),
    ],
    flags: {
      pairs: chosen.length - 1,
      oasdiffCommand: 'oasdiff breaking --format json',
      bufCommand: 'buf breaking (WIRE, WIRE_JSON)',
    },
    versions: {
      node: process.versions.node,
      oasdiff: 'v1.36.0',
      buf: '1.75.0',
      '@octokit/openapi': chosen.join(', '),
    },
    method: `
The descriptions (\`api.github.com.json\`, 11 MB each) are imported as 41 servlets, protobuf numbers going on from the version before, and each is
compared with itself one version later, once, in one process: the first pair pays for what Node has not compiled yet. \`importSeconds\` is reading
and importing one description, which a product does not do: its documents are committed. The ratio to oasdiff is its time over that of importing both
descriptions and comparing; the ratio to buf is its time, once over the .proto files of all servlets that have one in both versions, over that of comparing
those servlets. Intervals are the least and the greatest of the pairs.

An operation counts as reported by Atlas where a change hurts callers of the old version (breaking or possibly breaking), and by oasdiff where it has an
error or a warning. Operations that were not imported are not counted; \`atlas import openapi\` lists them. Each operation that only one reports is in
the table of disagreements, with a class that the bench tells by itself: from the descriptions as they were published, from what the import lists as lost, and
by asking ajv, under GitHub's own schemas, whether a witness is an answer of the new version that the old one excludes. What nothing shows would be
\`unexplained\`, and the bar allows none. Where only oasdiff reports, no class is a break of the imported contract; "the import lists it" means that the change is
in a part of the description that no contract has (a body with DELETE, a body of several forms, a second media type, what an error says), of which the
owner was told when it was imported.

Whether buf and Atlas agree is counted by servlet, where Atlas reports in either direction, as buf does not tell them apart. \`buf.test.ts\` of the package
\`interface\` compares them edit by edit.
`,
  }
}

async function imported(
  version: string,
  previous: ReadonlyMap<string, ImportedServlet>,
): Promise<{ servlets: Map<string, ImportedServlet>; described: DescribedApi }> {
  const description = await readJson<OpenApiDescription>(await descriptionFile(version))
  const documents = new Map([...previous].map(([name, { document }]) => [name, document]))
  const servlets = importOpenApi(description, { previous: documents })
  return {
    servlets: new Map(servlets.map((servlet) => [servlet.name, servlet])),
    described: new DescribedApi(description),
  }
}

function round(value: number): number {
  return Math.round(value * 1000) / 1000
}
