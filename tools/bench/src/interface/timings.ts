import { join } from 'node:path'
import {
  type Comparison,
  compare,
  type ImportedServlet,
  type InterfaceDocument,
  importOpenApi,
  type OpenApiDescription,
} from '@atlas/interface'
import type { Row } from '../bench.ts'
import { type BufRun, runBuf } from './buf.ts'
import { descriptionFile, type OasdiffFinding, readJson, runOasdiff } from './history.ts'

/** A version of the description: as it was published, and as servlets. */
export interface Version {
  readonly version: string
  readonly description: OpenApiDescription
  readonly servlets: ReadonlyMap<string, ImportedServlet>
  readonly importSeconds: number
}

/** Two versions, what three tools say of their difference, and how long each took. */
export interface Step {
  readonly from: Version
  readonly to: Version
  /** By servlet, of those that both versions have. */
  readonly compared: ReadonlyMap<string, { readonly comparison: Comparison; readonly ms: number }>
  /** Servlets that are on gRPC in both versions. */
  readonly onGrpc: readonly string[]
  readonly buf: BufRun
  readonly oasdiff: { readonly seconds: number; readonly findings: readonly OasdiffFinding[] } | undefined
}

/** What a history is compared with. */
export interface Tools {
  /** An empty folder for the files of buf. */
  readonly scratch: string
  /** The oasdiff command, if there is one here. */
  readonly oasdiff: string | undefined
}

/** Compares each version with the next, by all tools, and takes their times. Nothing else is done in between. */
export async function timedHistory(
  versions: readonly string[],
  { scratch, oasdiff }: Tools,
  progress: (text: string) => void,
): Promise<Step[]> {
  const steps: Step[] = []
  let from = await imported(versions[0]!, new Map())
  for (const version of versions.slice(1)) {
    progress(`${from.version} to ${version}`)
    const to = await imported(version, from.servlets)
    const compared = new Map<string, { comparison: Comparison; ms: number }>()
    const documents = new Map<string, readonly [InterfaceDocument, InterfaceDocument]>()
    for (const [name, { document: was }] of from.servlets) {
      const is = to.servlets.get(name)?.document
      if (!is) continue
      const began = performance.now()
      const comparison = compare(was, is)
      compared.set(name, { comparison, ms: performance.now() - began })
      if (was.protobuf && is.protobuf) documents.set(name, [was, is])
    }
    steps.push({
      from,
      to,
      compared,
      onGrpc: [...documents.keys()],
      buf: await runBuf(join(scratch, version), documents),
      oasdiff:
        oasdiff === undefined
          ? undefined
          : await runOasdiff(oasdiff, await descriptionFile(from.version), await descriptionFile(version)),
    })
    from = to
  }
  return steps
}

async function imported(version: string, previous: ReadonlyMap<string, ImportedServlet>): Promise<Version> {
  const file = await descriptionFile(version)
  const documents = new Map([...previous].map(([name, { document }]) => [name, document]))
  const began = performance.now()
  const description = await readJson<OpenApiDescription>(file)
  const servlets = importOpenApi(description, { previous: documents })
  const importSeconds = (performance.now() - began) / 1000
  return {
    version,
    description,
    servlets: new Map(servlets.map((servlet) => [servlet.name, servlet])),
    importSeconds,
  }
}

/** How long the comparison of each servlet took. */
export function servletRows({ from, to, compared }: Step): Row[] {
  return [...compared].map(([name, { comparison, ms }]) => ({
    part: 'servlets',
    case: name,
    from: from.version,
    to: to.version,
    endpoints: Object.keys(from.servlets.get(name)!.document.endpoints).length,
    ms: round(ms),
    step: comparison.bump,
  }))
}

/** Milliseconds of all comparisons of a step, or of some servlets. */
export function compareMs({ compared }: Step, names: Iterable<string> = compared.keys()): number {
  return [...names].reduce((sum, name) => sum + compared.get(name)!.ms, 0)
}

/** Three digits after the point are enough. */
export function round(value: number): number {
  return Math.round(value * 1000) / 1000
}
