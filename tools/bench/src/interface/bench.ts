import { compare, type ImportedServlet, importOpenApi, type OpenApiDescription } from '@atlas/interface'
import type { Bench, BenchOptions, Measured, Row } from '../bench.ts'
import { median } from '../statistics.ts'
import { agreement, breaksOf } from './agreement.ts'
import { descriptionFile, oasdiff, readJson, runOasdiff, versions } from './history.ts'

/** What comparing interfaces costs on a real history, beside oasdiff, and where the two do not agree. */
export const interfaces: Bench = {
  name: 'interface',
  summary: "Compares versions of GitHub's REST API, servlet by servlet, beside oasdiff.",
  run,
}

async function run({ quick, progress }: BenchOptions): Promise<Measured> {
  const chosen = quick ? versions.slice(-2) : versions
  const rows: Row[] = []
  const slowest: number[] = []
  const each: number[] = []
  const oasdiffOverAtlas: number[] = []
  const operations = { both: 0, atlasOnly: 0, oasdiffOnly: 0 }
  const command = await oasdiff().catch((error: Error) => {
    progress(`without oasdiff: ${error.message.split('\n')[0]}`)
    return undefined
  })
  for (const [index, to] of chosen.entries()) {
    const from = chosen[index - 1]
    if (from === undefined) continue
    progress(`${from} to ${to}`)
    const files = [await descriptionFile(from), await descriptionFile(to)] as const
    const began = performance.now()
    const [before, after] = await Promise.all(files.map(imported))
    const importSeconds = (performance.now() - began) / 1000
    const times: number[] = []
    const breaks = new Set<string>()
    for (const [name, old] of before!) {
      const now = after!.get(name)
      if (!now) continue
      const started = performance.now()
      const comparison = compare(old.document, now.document)
      const ms = performance.now() - started
      times.push(ms)
      for (const operation of breaksOf(old, comparison)) breaks.add(operation)
      rows.push({
        part: 'servlets',
        case: name,
        from,
        to,
        endpoints: Object.keys(old.document.endpoints).length,
        ms: round(ms),
        step: comparison.bump,
      })
    }
    each.push(...times)
    slowest.push(Math.max(...times))
    const compareSeconds = times.reduce((sum, ms) => sum + ms, 0) / 1000
    const row = {
      part: 'versions',
      case: `${from} to ${to}`,
      importSeconds: round(importSeconds),
      compareSeconds: round(compareSeconds),
    }
    if (command === undefined) {
      rows.push(row)
      continue
    }
    const other = await runOasdiff(command, ...files)
    const found = agreement(breaks, other.findings, before!)
    operations.both += found.both
    operations.atlasOnly += found.atlasOnly
    operations.oasdiffOnly += found.oasdiffOnly
    oasdiffOverAtlas.push(other.seconds / (importSeconds + compareSeconds))
    rows.push({
      ...row,
      oasdiffSeconds: round(other.seconds),
      both: found.both,
      atlasOnly: found.atlasOnly,
      oasdiffOnly: found.oasdiffOnly,
    })
    rows.push(
      ...found.rules.map((rule) => ({
        part: 'rules of oasdiff on operations where Atlas reports none',
        case: rule.id,
        from,
        to,
        findings: rule.findings,
      })),
    )
  }
  const ratio = median(oasdiffOverAtlas)
  return {
    rows,
    ratios:
      command === undefined
        ? {}
        : {
            oasdiff: {
              value: ratio,
              low: Math.min(...oasdiffOverAtlas),
              high: Math.max(...oasdiffOverAtlas),
            },
          },
    figures: {
      medianMsPerServlet: median(each),
      slowestServletMs: Math.max(...slowest),
      servletsOver200Ms: each.filter((ms) => ms >= 200).length,
      ...(command === undefined
        ? {}
        : {
            operationsBoth: operations.both,
            operationsAtlasOnly: operations.atlasOnly,
            operationsOasdiffOnly: operations.oasdiffOnly,
          }),
    },
    bars: [{ figure: 'slowestServletMs', atMost: 200 }],
    flags: { pairs: chosen.length - 1, oasdiffCommand: 'oasdiff breaking --format json' },
    versions: { node: process.versions.node, oasdiff: 'v1.36.0', '@octokit/openapi': chosen.join(', ') },
    method: `
The descriptions (\`api.github.com.json\`, 11 MB each) are imported as 41 servlets, and each is compared with itself one version later, once, in one
process that has compared nothing before. \`importSeconds\` is reading and importing both descriptions, which a product does not do: its documents
are committed. The ratio is oasdiff's time over that of importing and comparing; its interval is the least and the greatest of the pairs.

An operation counts as reported by Atlas where a change hurts callers of the old version (breaking or possibly breaking), and by oasdiff where it has an
error or a warning. Operations that were not imported are not counted; \`atlas import openapi\` lists them. What Atlas alone reports is of four kinds:
operations that are gone after they were deprecated, which oasdiff lets go and a caller of the old version does not; what only protobuf loses
(\`protobuf/...\`, \`grpc/missing\`), which a description in OpenAPI does not have; defaults that changed, as possibly breaking; and operations that moved to
another path under the same name. The rules of oasdiff on operations where Atlas reports nothing have a table of their own; from 19.1.0 to 20.0.0 it is limits of a body with DELETE, which a contract cannot have and the import lists.
`,
  }
}

async function imported(file: string): Promise<Map<string, ImportedServlet>> {
  const description = await readJson<OpenApiDescription>(file)
  return new Map(importOpenApi(description).map((servlet) => [servlet.name, servlet]))
}

function round(value: number): number {
  return Math.round(value * 1000) / 1000
}
