import type { Bench, Measured, Row } from './bench.ts'
import type { Machine } from './machine.ts'
import { type Estimate, median } from './statistics.ts'

/** One run of a bench. */
export interface Run {
  readonly bench: Pick<Bench, 'name' | 'summary'>
  readonly date: Date
  readonly machine: Machine
  readonly measured: Measured
}

/** The document of `--json`: intervals of figures stand beside them, as `nameLow` and `nameHigh`. */
export function toJson({ bench, date, machine, measured }: Run): Record<string, unknown> {
  const ratios = Object.entries(measured.ratios).map(([name, { value }]) => [name, value])
  const figures = Object.entries(measured.figures).flatMap(([name, figure]) =>
    typeof figure === 'number'
      ? [[name, figure]]
      : [
          [name, figure.value],
          [`${name}Low`, figure.low],
          [`${name}High`, figure.high],
        ],
  )
  return {
    name: bench.name,
    date: date.toISOString(),
    machine,
    rows: measured.rows,
    ratios: Object.fromEntries(ratios),
    figures: Object.fromEntries(figures),
  }
}

/** The page of a full run, `docs/benchmarks/NAME.md`. */
export function toPage({ bench, date, machine, measured }: Run): string {
  const { versions, flags, ...facts } = machine
  const bars = measured.bars.map(({ figure, atMost, atLeast }) => {
    const value = numberOf(measured.figures[figure]!)
    const [sign, bound] = atMost === undefined ? ['≥', atLeast!] : ['≤', atMost]
    const kept = atMost === undefined ? value >= bound : value <= bound
    return [figure, `${sign} ${bound}`, round(value), kept ? 'yes' : '**no**']
  })
  const sections = [
    `# ${bench.name}`,
    `${bench.summary} Made by \`npm run bench -- ${bench.name}\` on ${date.toISOString().slice(0, 10)}.`,
    section('Figures', table(['figure', 'value', '95 % interval'], entriesOf(measured.figures))),
    section(
      'Ratios',
      'Atlas over the other in the same run; greater is better.',
      table(['against', 'ratio', '95 % interval'], entriesOf(measured.ratios)),
    ),
    section('Bars', table(['figure', 'bar', 'measured', 'kept'], bars)),
    section('Cases', byPart(measured.rows, casesOf)),
    section('How', measured.method.trim()),
    section(
      'Machine',
      table(
        ['', ''],
        Object.entries({ ...facts, ...versions, ...flags }).map(([name, value]) => [name, String(value)]),
      ),
    ),
    section('Rows', byPart(measured.rows, rowsOf)),
  ]
  return `${sections.filter((text) => text !== '').join('\n\n')}\n`
}

/** For people, on a terminal. */
export function toText({ measured }: Run): string {
  const lines = [
    ...entriesOf(measured.figures),
    ...entriesOf(measured.ratios).map(([name, ...rest]) => [`against ${name}`, ...rest]),
  ]
  const width = Math.max(...lines.map(([name]) => name!.length))
  return `${lines.map(([name, value, interval]) => `${name!.padEnd(width)}  ${value}${interval ? `  (${interval})` : ''}`).join('\n')}\n`
}

/** One table, or one for each `part` of rows that were measured in different ways. */
function byPart(
  rows: readonly Row[],
  tableOf: (rows: readonly Row[]) => [head: string[], rows: string[][]],
): string {
  const parts = Map.groupBy(rows, ({ part }) => part)
  return [...parts]
    .map(([part, own]) => {
      const text = table(...tableOf(own.map(({ part: _, ...row }) => row)))
      return part === undefined ? text : `### ${part}\n\n${text}`
    })
    .join('\n\n')
}

/** Median, smallest and greatest of every number of every case. */
function casesOf(rows: readonly Row[]): [head: string[], rows: string[][]] {
  const numbers = Object.keys(rows[0] ?? {}).filter(
    (column) => column !== 'round' && typeof rows[0]![column] === 'number',
  )
  const cases = Map.groupBy(rows, (row) => String(row.case))
  return [
    ['case', ...numbers],
    [...cases].map(([name, own]) => [
      name,
      ...numbers.map((column) => {
        const values = own.map((row) => Number(row[column]))
        return `${round(median(values))} (${round(Math.min(...values))} to ${round(Math.max(...values))})`
      }),
    ]),
  ]
}

function rowsOf(rows: readonly Row[]): [head: string[], rows: string[][]] {
  const columns = Object.keys(rows[0] ?? {})
  return [columns, rows.map((row) => columns.map((column) => String(row[column] ?? '')))]
}

function entriesOf(figures: Readonly<Record<string, Estimate | number>>): string[][] {
  return Object.entries(figures).map(([name, figure]) => [
    name,
    round(numberOf(figure)),
    typeof figure === 'number' ? '' : `${round(figure.low)} to ${round(figure.high)}`,
  ])
}

function numberOf(figure: Estimate | number): number {
  return typeof figure === 'number' ? figure : figure.value
}

/** Three digits that count, as plain decimals. */
function round(value: number): string {
  return Math.abs(value) >= 1000 ? String(Math.round(value)) : String(Number(value.toPrecision(3)))
}

function section(title: string, ...body: string[]): string {
  return body.at(-1) === '' ? '' : [`## ${title}`, ...body].join('\n\n')
}

function table(head: string[], rows: string[][]): string {
  if (rows.length === 0) return ''
  return [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n')
}
