import { performance } from 'node:perf_hooks'
import { pauseEdges } from './bucket-edges.ts'
import { Histogram } from './histogram.ts'
import { labelsOf } from './labels.ts'
import type { Collect } from './metrics.ts'
import { metricSpecs } from './schema.ts'

/** How often the delay is measured. More often would wake idle processes, of which one machine may have hundreds. */
const everyMs = 100

/** How long the utilisation of the loop is averaged at least. */
const windowMs = 5000

/** Watches how busy the event loop is. */
export interface EventLoopWatch {
  readonly collect: Collect
  close(): void
}

/**
 * Starts watching the event loop.
 *
 * The delay is a histogram of our own timer's, because Node's gives percentiles since its start or its last reset, which
 * can be neither added over processes nor read by two scrapers.
 */
export function watchEventLoop(): EventLoopWatch {
  const delays = new Histogram(pauseEdges)
  let dueMs = performance.now() + everyMs
  let windowBeganMs = performance.now()
  let older = performance.eventLoopUtilization()
  let newer = older
  const timer = setInterval(() => {
    const nowMs = performance.now()
    delays.record((nowMs - dueMs) / 1000)
    dueMs = nowMs + everyMs
    if (nowMs - windowBeganMs >= windowMs) {
      windowBeganMs = nowMs
      older = newer
      newer = performance.eventLoopUtilization()
    }
  }, everyMs).unref()
  const { labels } = metricSpecs.nodejs_eventloop_time_seconds_total
  return {
    collect(exposition) {
      const { active, idle } = performance.eventLoopUtilization()
      exposition.family('nodejs_eventloop_time_seconds_total', ({ sample }) => {
        sample(labelsOf(labels, ['active']), active / 1000)
        sample(labelsOf(labels, ['idle']), idle / 1000)
      })
      exposition.family('nodejs_eventloop_utilization_ratio', ({ sample }) => {
        sample('', performance.eventLoopUtilization(older).utilization)
      })
      exposition.family('nodejs_eventloop_delay_seconds', ({ histogram }) => histogram('', delays))
    },
    close: () => clearInterval(timer),
  }
}
