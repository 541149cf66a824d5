/** One metric: everything about it but its values. */
export interface MetricSpec {
  readonly type: 'counter' | 'gauge' | 'histogram' | 'info'
  /** The unit that ends the name, as OpenMetrics wants it. */
  readonly unit?: 'seconds' | 'bytes' | 'ratio'
  readonly labels: readonly string[]
  readonly help: string
}

const call = ['servlet', 'endpoint', 'protocol'] as const
const outgoing = ['servlet', 'callee', 'endpoint', 'protocol'] as const
const limiter = ['servlet', 'class'] as const

/**
 * The one schema of metrics, by the names that samples have. Scaling, canaries, objectives and dashboards read these:
 * a name or a label that changes here breaks them all.
 */
export const metricSpecs = {
  atlas_server_requests_total: {
    type: 'counter',
    labels: [...call, 'code'],
    help: 'Requests that are over, by how they ended: ok, or one of the sixteen codes.',
  },
  atlas_server_request_duration_seconds: {
    type: 'histogram',
    unit: 'seconds',
    labels: [...call, 'outcome'],
    help: "From a request's head to the end of its answer. outcome: ok, refused (the caller's fault) or failed (ours).",
  },
  atlas_server_failed_seconds_total: {
    type: 'counter',
    labels: call,
    help: 'Seconds with a failed request, counted for each caller: what is left of failures when bursts count once.',
  },
  atlas_server_requests_in_flight: {
    type: 'gauge',
    labels: call,
    help: 'Requests that are not over.',
  },
  atlas_server_in_flight_seconds_total: {
    type: 'counter',
    unit: 'seconds',
    labels: call,
    help: 'Integral of the requests in flight over time: its rate is how many there were on average.',
  },
  atlas_server_request_body_bytes_total: {
    type: 'counter',
    unit: 'bytes',
    labels: call,
    help: 'Bytes of request bodies that were read.',
  },
  atlas_server_response_body_bytes_total: {
    type: 'counter',
    unit: 'bytes',
    labels: call,
    help: 'Bytes of response bodies that were sent.',
  },
  atlas_client_requests_total: {
    type: 'counter',
    labels: [...outgoing, 'code'],
    help: 'Calls to other servlets that are over, by how they ended for the caller.',
  },
  atlas_client_request_duration_seconds: {
    type: 'histogram',
    unit: 'seconds',
    labels: [...outgoing, 'outcome'],
    help: 'From a call to its answer; of streams to their end, of bytes to their beginning.',
  },
  atlas_client_requests_in_flight: {
    type: 'gauge',
    labels: outgoing,
    help: 'Calls to other servlets that are not over.',
  },
  atlas_limiter_limit: { type: 'gauge', labels: limiter, help: 'How many requests may run at once.' },
  atlas_limiter_in_flight: { type: 'gauge', labels: limiter, help: 'How many requests run.' },
  atlas_limiter_queued: { type: 'gauge', labels: limiter, help: 'How many requests wait.' },
  atlas_limiter_refusals_total: {
    type: 'counter',
    labels: [...limiter, 'reason'],
    help: 'Requests that did not get in, by reason.',
  },
  atlas_limiter_canceled_total: {
    type: 'counter',
    labels: limiter,
    help: 'Requests that stopped waiting by themselves.',
  },
  atlas_spans_exported_total: { type: 'counter', labels: [], help: 'Spans that a collector accepted.' },
  atlas_spans_dropped_total: {
    type: 'counter',
    labels: ['reason'],
    help: 'Spans that were lost: the buffer was full, the collector rejected them, or could not be reached.',
  },
  atlas_log_lines_total: { type: 'counter', labels: ['level'], help: 'Lines that were logged.' },
  atlas_log_lines_dropped_total: {
    type: 'counter',
    labels: [],
    help: 'Lines that were lost because nobody read the log.',
  },
  atlas_servlet_info: {
    type: 'info',
    labels: ['servlet', 'version'],
    help: 'The servlets that this process serves.',
  },
  atlas_build_info: {
    type: 'info',
    labels: ['version', 'node'],
    help: 'The versions of the runtime and of Node.',
  },
  nodejs_eventloop_time_seconds_total: {
    type: 'counter',
    unit: 'seconds',
    labels: ['nodejs_eventloop_state'],
    help: 'Time that the event loop was active or idle.',
  },
  nodejs_eventloop_utilization_ratio: {
    type: 'gauge',
    unit: 'ratio',
    labels: [],
    help: 'Share of the last 5 to 10 seconds in which the event loop was active.',
  },
  nodejs_eventloop_delay_seconds: {
    type: 'histogram',
    unit: 'seconds',
    labels: [],
    help: 'By how much a timer was late.',
  },
  v8js_gc_duration_seconds: {
    type: 'histogram',
    unit: 'seconds',
    labels: ['v8js_gc_type'],
    help: 'Pauses for garbage collection.',
  },
  v8js_memory_heap_used_bytes: {
    type: 'gauge',
    unit: 'bytes',
    labels: ['v8js_heap_space_name'],
    help: 'Heap in use.',
  },
  v8js_heap_size_limit_bytes: {
    type: 'gauge',
    unit: 'bytes',
    labels: [],
    help: 'Heap at which the process dies.',
  },
  nodejs_external_memory_bytes: {
    type: 'gauge',
    unit: 'bytes',
    labels: [],
    help: 'Memory of buffers and native objects that scripts hold, outside of the heap.',
  },
  process_cpu_seconds_total: {
    type: 'counter',
    unit: 'seconds',
    labels: [],
    help: 'CPU time of the process, of user and system together.',
  },
  process_resident_memory_bytes: { type: 'gauge', unit: 'bytes', labels: [], help: 'Resident memory.' },
  process_open_fds: { type: 'gauge', labels: [], help: 'Open file descriptors.' },
  process_start_time_seconds: {
    type: 'gauge',
    unit: 'seconds',
    labels: [],
    help: 'When the process started, in seconds since 1970.',
  },
} as const satisfies Record<string, MetricSpec>

/** The name of a metric. */
export type MetricName = keyof typeof metricSpecs
