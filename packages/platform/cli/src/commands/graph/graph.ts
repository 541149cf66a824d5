import { exitCode } from '../../exit-code.ts'
import type { Output } from '../../output.ts'
import { mustBeOneOf } from '../../suggest.ts'
import { readCatalog } from '../../workspace/read-catalog.ts'
import { callGraphOf } from './call-graph.ts'
import { asDot, asMermaid, asText } from './drawings.ts'

/** Options of `atlas graph`. */
export interface GraphOptions {
  readonly cwd: string
  readonly servlet?: string | undefined
  readonly format: 'text' | 'mermaid' | 'dot' | 'json'
  readonly json: boolean
}

const drawings = { text: asText, mermaid: asMermaid, dot: asDot }

/** `atlas graph`: who calls whom, from committed interface documents only. */
export async function graph(options: GraphOptions, output: Output): Promise<number> {
  const { servlet, json } = options
  const format = json ? 'json' : options.format
  const catalog = await readCatalog(options.cwd)
  if (servlet !== undefined)
    mustBeOneOf(
      'servlet',
      servlet,
      catalog.servlets.map(({ name }) => name),
    )
  const calls = callGraphOf(catalog, servlet)
  if (format === 'json') output.json(calls)
  else for (const line of drawings[format](calls)) output.print(line)
  return exitCode.done
}
