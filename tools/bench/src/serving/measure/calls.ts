import { join } from 'node:path'
import type { CallCost } from '../calls/time-calls.ts'
import { runPinned } from '../tools/command.ts'

const calls = join(import.meta.dirname, '../calls')

/** Calls in the same process: as everybody gets them, with and without a collector for spans, and what they are made of. */
export const inProcessVariants = ['sampled by 1 %', 'not sampled', 'bare', 'zod alone'] as const

export type InProcessVariant = (typeof inProcessVariants)[number]

/** Measures calls in the same process, on a core of their own. */
export function inProcessCalls(
  variant: InProcessVariant,
  collectorUrl: string,
  seconds: number,
): Promise<CallCost> {
  const sampled = variant === 'sampled by 1 %' ? {} : { OTEL_TRACES_SAMPLER: 'always_off' }
  return measured(['in-process.main.ts', variant, String(seconds)], seconds, {
    OTEL_EXPORTER_OTLP_ENDPOINT: collectorUrl,
    ...sampled,
  })
}

/** Measures calls by Atlas's client to a server on the other core. */
export function networkCalls(transport: 'http2' | 'fetch', port: number, seconds: number): Promise<CallCost> {
  return measured(['network.main.ts', transport, `http://127.0.0.1:${port}`, String(seconds)], seconds, {})
}

async function measured(
  [file, ...args]: readonly string[],
  seconds: number,
  env: Readonly<Record<string, string>>,
): Promise<CallCost> {
  const output = await runPinned(process.execPath, [join(calls, file!), ...args], {
    timeoutMs: (2 * seconds + 60) * 1000,
    env: { NODE_ENV: 'production', ...env },
  })
  return JSON.parse(output) as CallCost
}
