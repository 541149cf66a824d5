import { constants, PerformanceObserver } from 'node:perf_hooks'
import { pauseEdges } from './bucket-edges.ts'
import { Histogram } from './histogram.ts'
import { labelsOf } from './labels.ts'
import type { Collect } from './metrics.ts'
import { metricSpecs } from './schema.ts'

/** Watches pauses for garbage collection. */
export interface GarbageCollectionWatch {
  readonly collect: Collect
  close(): void
}

/** OpenTelemetry's names of what Node tells as numbers. */
const kinds: readonly (readonly [number, string])[] = [
  [constants.NODE_PERFORMANCE_GC_MINOR, 'minor'],
  [constants.NODE_PERFORMANCE_GC_MAJOR, 'major'],
  [constants.NODE_PERFORMANCE_GC_INCREMENTAL, 'incremental'],
  [constants.NODE_PERFORMANCE_GC_WEAKCB, 'weakcb'],
]

/** Starts watching garbage collection. */
export function watchGarbageCollection(): GarbageCollectionWatch {
  const { labels } = metricSpecs.v8js_gc_duration_seconds
  const pauses = new Map(
    kinds.map(([kind, name]) => [
      kind,
      { labels: labelsOf(labels, [name]), histogram: new Histogram(pauseEdges) },
    ]),
  )
  const observer = new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) {
      const { kind } = (entry as unknown as { detail: { kind: number } }).detail
      pauses.get(kind)?.histogram.record(entry.duration / 1000)
    }
  })
  observer.observe({ entryTypes: ['gc'] })
  return {
    collect(exposition) {
      exposition.family('v8js_gc_duration_seconds', (samples) => {
        for (const { labels, histogram } of pauses.values()) samples.histogram(labels, histogram)
      })
    },
    close: () => observer.disconnect(),
  }
}
