import { CommandError, exitCode } from '../../exit-code.ts'
import { suggestion } from '../../suggest.ts'
import { textTable } from '../../text-table.ts'
import type { ServletStatus } from './status.ts'

const sortings: Readonly<Record<string, (servlet: ServletStatus) => string | number>> = {
  name: ({ name }) => name,
  state: ({ state }) => state,
  requests: ({ requests }) => -requests,
  errors: ({ errors }) => -errors,
  p50: ({ p50Ms }) => -(p50Ms ?? -1),
  p99: ({ p99Ms }) => -(p99Ms ?? -1),
  cpu: ({ cpuPercent }) => -(cpuPercent ?? -1),
  memory: ({ memoryMiB }) => -(memoryMiB ?? -1),
}

/**
 * The order of the rows.
 *
 * @throws CommandError when there is no such column
 */
export function sortingOf(column: string): (a: ServletStatus, b: ServletStatus) => number {
  const key = Object.hasOwn(sortings, column) ? sortings[column] : undefined
  if (!key)
    throw new CommandError(
      `there is no column '${column}'${suggestion(column, Object.keys(sortings))}`,
      exitCode.usage,
    )
  return (a, b) => compare(key(a), key(b)) || compare(a.name, b.name)
}

/** The table of `atlas top`. */
export function statusTable(servlets: readonly ServletStatus[]): string[] {
  const table = textTable(
    [
      { heading: 'SERVLET' },
      { heading: 'STATE' },
      { heading: 'PID', align: 'end' },
      { heading: 'REQUESTS', align: 'end' },
      { heading: 'ERRORS', align: 'end' },
      { heading: 'P50 MS', align: 'end' },
      { heading: 'P99 MS', align: 'end' },
      { heading: 'CPU %', align: 'end' },
      { heading: 'MIB', align: 'end' },
    ],
    servlets.map(({ name, state, pid, requests, errors, p50Ms, p99Ms, cpuPercent, memoryMiB }) => [
      name,
      state,
      pid === null ? '-' : String(pid),
      String(requests),
      String(errors),
      number(p50Ms, 1),
      number(p99Ms, 1),
      number(cpuPercent, 1),
      number(memoryMiB, 0),
    ]),
  )
  const broken = servlets.flatMap(({ name, reason }) => (reason === undefined ? [] : [`${name}: ${reason}`]))
  return broken.length > 0 ? [...table, '', ...broken] : table
}

function number(value: number | null, digits: number): string {
  return value === null ? '-' : value.toFixed(digits)
}

function compare(a: string | number, b: string | number): number {
  return a < b ? -1 : a > b ? 1 : 0
}
