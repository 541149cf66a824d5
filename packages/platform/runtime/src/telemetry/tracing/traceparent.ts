import { byteAt, hexOfWord, wordAt } from './hex.ts'

/** The flag of a trace that is recorded. */
export const sampledFlag = 1

/** The flag of a trace whose last seven bytes of id are random. */
export const randomFlag = 2

/** The ids and flags of a header, as numbers. There is one of these for everybody: read it before the next is parsed. */
export interface ParsedTraceparent {
  t0: number
  t1: number
  t2: number
  t3: number
  s0: number
  s1: number
  flags: number
}

const parsed: ParsedTraceparent = { t0: 0, t1: 0, t2: 0, t3: 0, s0: 0, s1: 0, flags: 0 }

/**
 * Reads the header `traceparent` by W3C Trace Context level 2, https://www.w3.org/TR/trace-context-2/#traceparent-header.
 * Makes no object and no string.
 *
 * @returns undefined when anything of it is wrong; a new trace begins then
 */
export function parseTraceparent(header: string): Readonly<ParsedTraceparent> | undefined {
  const { length } = header
  if (length < 55 || !dashes(header)) return undefined
  const version = byteAt(header, 0)
  if (version < 0 || version === 255) return undefined
  if (length > 55 && (version === 0 || header.charCodeAt(55) !== dash)) return undefined
  parsed.t0 = wordAt(header, 3)
  parsed.t1 = wordAt(header, 11)
  parsed.t2 = wordAt(header, 19)
  parsed.t3 = wordAt(header, 27)
  parsed.s0 = wordAt(header, 36)
  parsed.s1 = wordAt(header, 44)
  const flags = byteAt(header, 53)
  if (flags < 0 || wrong(parsed)) return undefined
  parsed.flags = flags & (sampledFlag | randomFlag)
  return parsed
}

const dash = 45

function dashes(header: string): boolean {
  return header.charCodeAt(2) === dash && header.charCodeAt(35) === dash && header.charCodeAt(52) === dash
}

function wrong({ t0, t1, t2, t3, s0, s1 }: ParsedTraceparent): boolean {
  if (t0 < 0 || t1 < 0 || t2 < 0 || t3 < 0 || s0 < 0 || s1 < 0) return true
  return t0 + t1 + t2 + t3 === 0 || s0 + s1 === 0
}

/** Writes the header `traceparent`. */
export function formatTraceparent({ t0, t1, t2, t3, s0, s1, flags }: Readonly<ParsedTraceparent>): string {
  const traceId = hexOfWord(t0) + hexOfWord(t1) + hexOfWord(t2) + hexOfWord(t3)
  return `00-${traceId}-${hexOfWord(s0)}${hexOfWord(s1)}-0${flags & (sampledFlag | randomFlag)}`
}
