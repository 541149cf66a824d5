import type { SpanRecord } from '../tracing/span-record.ts'

const isRemoteIsKnown = 0x100
const isRemote = 0x200

/** The flags of a span in OTLP: those of its trace, and whether its parent is in another process. */
export function spanFlags({ flags, parentRemote }: SpanRecord): number {
  return flags | isRemoteIsKnown | (parentRemote ? isRemote : 0)
}
