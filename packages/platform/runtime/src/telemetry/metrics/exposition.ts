import type { Exemplar } from './exemplars.ts'
import type { Histogram } from './histogram.ts'
import { labelsOf } from './labels.ts'
import { type MetricName, type MetricSpec, metricSpecs } from './schema.ts'

/** The two text formats: Prometheus 0.0.4, which everything reads, and OpenMetrics 1.0, which has units and exemplars. */
export type ExpositionFormat = 'prometheus' | 'openmetrics'

/** The media types of the formats. */
export const contentTypes: Readonly<Record<ExpositionFormat, string>> = {
  prometheus: 'text/plain; version=0.0.4; charset=utf-8',
  openmetrics: 'application/openmetrics-text; version=1.0.0; charset=utf-8',
}

/** Writes the values of one metric. Labels come as {@link labelsOf} makes them; those without any are `''`. */
export interface SampleWriter {
  sample(labels: string, value: number): void
  histogram(labels: string, histogram: Histogram): void
}

/** Writes metrics as text, each family once and its samples together, as both formats demand. */
export class Exposition {
  readonly #format: ExpositionFormat
  readonly #lines: string[] = []

  constructor(format: ExpositionFormat) {
    this.#format = format
  }

  /** Writes one metric: all of its samples are written by `write`. One without samples is left out. */
  family(name: MetricName, write: (samples: SampleWriter) => void): void {
    const spec: MetricSpec = metricSpecs[name]
    const lines = this.#lines
    const before = lines.length
    this.#head(name, spec)
    const head = lines.length
    write({
      sample: (labels, value) => {
        lines.push(labels === '' ? `${name} ${text(value)}` : `${name}{${labels}} ${text(value)}`)
      },
      histogram: (labels, histogram) => this.#histogram(name, labels, histogram),
    })
    if (lines.length === head) lines.length = before
  }

  /** Everything that was written. */
  toString(): string {
    const end = this.#format === 'openmetrics' ? ['# EOF', ''] : ['']
    return [...this.#lines, ...end].join('\n')
  }

  #head(name: MetricName, { type, unit, help }: MetricSpec): void {
    if (this.#format === 'prometheus') {
      this.#lines.push(`# HELP ${name} ${help}`, `# TYPE ${name} ${type === 'info' ? 'gauge' : type}`)
      return
    }
    const family =
      type === 'counter' ? name.replace(/_total$/, '') : type === 'info' ? name.slice(0, -5) : name
    this.#lines.push(`# TYPE ${family} ${type}`)
    if (unit !== undefined && family.endsWith(`_${unit}`)) this.#lines.push(`# UNIT ${family} ${unit}`)
    this.#lines.push(`# HELP ${family} ${help.replaceAll('"', '\\"')}`)
  }

  #histogram(name: string, labels: string, { edges, counts, sum, exemplars }: Histogram): void {
    const lines = this.#lines
    const inside = labels === '' ? '' : `${labels},`
    const around = labels === '' ? '' : `{${labels}}`
    const texts = edgeTexts(edges)
    const open = this.#format === 'openmetrics'
    let total = 0
    for (let bucket = 0; bucket < counts.length; bucket += 1) {
      total += counts[bucket]!
      const exemplar = open ? exemplars?.get(bucket) : undefined
      lines.push(
        `${name}_bucket{${inside}le="${texts[bucket]}"} ${total}${exemplar ? example(exemplar) : ''}`,
      )
    }
    lines.push(`${name}_sum${around} ${text(sum)}`, `${name}_count${around} ${total}`)
  }
}

function example({ traceId, spanId, value, epochMs }: Exemplar): string {
  return ` # {${labelsOf(['trace_id', 'span_id'], [traceId, spanId])}} ${value} ${epochMs / 1000}`
}

const textsOfEdges = new WeakMap<readonly number[], readonly string[]>()

/** Edges as text. OpenMetrics wants floats, `1.0`; with one spelling for both, no series changes with the format. */
function edgeTexts(edges: readonly number[]): readonly string[] {
  let texts = textsOfEdges.get(edges)
  if (!texts) {
    texts = [...edges.map((edge) => (Number.isInteger(edge) ? `${edge}.0` : String(edge))), '+Inf']
    textsOfEdges.set(edges, texts)
  }
  return texts
}

function text(value: number): string {
  if (Number.isFinite(value)) return String(value)
  return Number.isNaN(value) ? 'NaN' : value > 0 ? '+Inf' : '-Inf'
}
