import { readdirSync } from 'node:fs'
import { getHeapSpaceStatistics, getHeapStatistics } from 'node:v8'
import type { Exposition } from './exposition.ts'
import { labelsOf } from './labels.ts'
import { metricSpecs } from './schema.ts'

/** Writes what the process uses. */
export function collectProcess(exposition: Exposition): void {
  const { user, system } = process.cpuUsage()
  const { rss, external } = process.memoryUsage()
  const files = openFiles()
  const one = (name: Parameters<Exposition['family']>[0], value: number) =>
    exposition.family(name, ({ sample }) => sample('', value))
  one('process_cpu_seconds_total', (user + system) / 1e6)
  one('process_resident_memory_bytes', rss)
  if (files !== undefined) one('process_open_fds', files)
  one('process_start_time_seconds', performance.timeOrigin / 1000)
  one('nodejs_external_memory_bytes', external)
  one('v8js_heap_size_limit_bytes', getHeapStatistics().heap_size_limit)
  exposition.family('v8js_memory_heap_used_bytes', ({ sample }) => {
    const { labels } = metricSpecs.v8js_memory_heap_used_bytes
    for (const { space_name, space_used_size } of getHeapSpaceStatistics())
      sample(labelsOf(labels, [space_name]), space_used_size)
  })
}

/** Undefined where the system does not say. */
function openFiles(): number | undefined {
  try {
    return readdirSync('/proc/self/fd').length
  } catch {
    return undefined
  }
}
