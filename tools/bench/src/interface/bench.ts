import type { Bench, BenchOptions, Measured, Row } from '../bench.ts'
import { median } from '../statistics.ts'
import { classRows, type Disagreements, disagreementsOf, unexplainedIn } from './disagreements.ts'
import { oasdiff, versions } from './history.ts'
import { keptDisagreements } from './kept.ts'
import { compareMs, round, type Step, servletRows, timedHistory } from './timings.ts'

/** What comparing interfaces costs on a real history, beside oasdiff and buf, and where they do not agree. */
export const interfaces: Bench = {
  name: 'interface',
  summary: "Compares versions of GitHub's REST API, servlet by servlet, beside oasdiff and buf.",
  run,
}

async function run({ quick, progress, scratch }: BenchOptions): Promise<Measured> {
  const chosen = quick ? versions.slice(-2) : versions
  const command = await oasdiff().catch((error: Error) => {
    progress(`without oasdiff: ${error.message.split('\n')[0]}`)
    return undefined
  })
  const steps = await timedHistory(chosen, { scratch, oasdiff: command }, progress)
  progress('classes of disagreements')
  const told: (Disagreements | undefined)[] = []
  for (const step of steps) told.push(await keptDisagreements(step, () => disagreementsOf(step)))
  const disagreements = told.flatMap((each) => each?.rows ?? [])
  const each = steps.flatMap(({ compared }) => [...compared.values()].map(({ ms }) => ms))
  const sum = (count: (each: Disagreements) => number) =>
    told.reduce((total, found) => total + (found ? count(found) : 0), 0)
  const onWire = steps.map(wireAgreement)
  return {
    rows: [
      ...steps.flatMap(servletRows),
      ...steps.map((step, index) => versionRow(step, told[index])),
      ...disagreements,
      ...classRows(disagreements),
    ],
    ratios: {
      ...(command === undefined ? {} : { oasdiff: spread(steps.map(againstOasdiff)) }),
      buf: spread(steps.map((step) => (step.buf.seconds * 1000) / compareMs(step, step.onGrpc))),
    },
    figures: {
      medianMsPerServlet: median(each),
      slowestServletMs: Math.max(...each),
      servletsOver200Ms: each.filter((ms) => ms >= 200).length,
      servletsThatBufAndAtlasReport: onWire.reduce((total, { both }) => total + both, 0),
      servletsThatOnlyBufReports: onWire.reduce((total, { bufOnly }) => total + bufOnly, 0),
      ...(command === undefined
        ? {}
        : {
            operationsBoth: sum(({ both }) => both),
            operationsAtlasOnly: sum(({ atlasOnly }) => atlasOnly),
            operationsOasdiffOnly: sum(({ oasdiffOnly }) => oasdiffOnly),
            operationsUnexplained: unexplainedIn(disagreements),
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
and importing one description, which a product does not do: its documents are committed. Times are taken first, of all tools; classes are told
afterwards, and kept from run to run while all that they follow from is the same. The ratio to oasdiff is its time over that of importing both
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

function versionRow(step: Step, found: Disagreements | undefined): Row {
  const { from, to, onGrpc, buf } = step
  const row = {
    part: 'versions',
    case: `${from.version} to ${to.version}`,
    importSeconds: round(to.importSeconds),
    compareSeconds: round(compareMs(step) / 1000),
    bufServlets: onGrpc.length,
    bufSeconds: round(buf.seconds),
    bufReports: buf.reported.size,
  }
  if (!step.oasdiff || !found) return row
  const { both, atlasOnly, oasdiffOnly } = found
  return { ...row, oasdiffSeconds: round(step.oasdiff.seconds), both, atlasOnly, oasdiffOnly }
}

/** oasdiff reads both descriptions and compares; so does Atlas, when both are imported first. */
function againstOasdiff(step: Step): number {
  return step.oasdiff!.seconds / (2 * step.to.importSeconds + compareMs(step) / 1000)
}

/** Of the servlets that buf reports, those that Atlas reports too, in either direction. */
function wireAgreement({ buf, compared }: Step): { both: number; bufOnly: number } {
  const names = [...buf.reported]
  const both = names.filter((name) =>
    compared.get(name)?.comparison.changes.some(({ severity }) => /breaking/.test(severity)),
  ).length
  return { both, bufOnly: names.length - both }
}

function spread(values: readonly number[]) {
  return { value: median(values), low: Math.min(...values), high: Math.max(...values) }
}
