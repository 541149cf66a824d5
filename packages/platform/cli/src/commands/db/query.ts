import { withClient } from '@atlas/postgres'
import type { Output } from '../../output.ts'
import { textTable } from '../../text-table.ts'

/** The answer to one statement. */
export interface StatementResult {
  /** `SELECT`, `INSERT` ... */
  readonly command: string
  readonly rowCount: number | null
  readonly columns: readonly string[]
  readonly rows: readonly Readonly<Record<string, unknown>>[]
}

interface Answer {
  readonly command: string
  readonly rowCount: number | null
  readonly fields?: readonly { readonly name: string }[]
  readonly rows: readonly Readonly<Record<string, unknown>>[]
}

/** Something that takes SQL. */
export interface Queryable {
  query(sql: string): Promise<unknown>
}

/** Runs SQL, which may be several statements, over a connection of its own. */
export function queryAll(url: string, sql: string): Promise<StatementResult[]> {
  return withClient(url, (client) => resultsOf(client, sql))
}

/** Runs SQL, which may be several statements. */
export async function resultsOf(client: Queryable, sql: string): Promise<StatementResult[]> {
  const answers = [await client.query(sql)].flat() as Answer[]
  return answers
    .filter(({ command }) => command !== null)
    .map(({ command, rowCount, fields = [], rows }) => ({
      command,
      rowCount,
      columns: fields.map(({ name }) => name),
      rows,
    }))
}

/** Prints an answer for people. */
export function printResult({ command, rowCount, columns, rows }: StatementResult, output: Output): void {
  if (columns.length === 0) return output.print(rowCount === null ? command : `${command} ${rowCount}`)
  const cells = rows.map((row) => columns.map((column) => shown(row[column])))
  for (const line of textTable(
    columns.map((heading) => ({ heading })),
    cells,
  ))
    output.print(line)
  output.print(`(${rows.length} row${rows.length === 1 ? '' : 's'})`)
}

function shown(value: unknown): string {
  if (value === null) return ''
  if (value instanceof Date) return value.toISOString()
  if (value instanceof Uint8Array) return `\\x${Buffer.from(value).toString('hex')}`
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}
