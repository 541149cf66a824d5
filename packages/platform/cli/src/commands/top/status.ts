import * as z from 'zod'
import { CommandError, exitCode } from '../../exit-code.ts'
import { unreachable } from '../../platform/unreachable.ts'

const servletStatus = z.looseObject({
  name: z.string(),
  state: z.string(),
  pid: z.number().nullable(),
  requests: z.number(),
  errors: z.number(),
  p50Ms: z.number().nullable(),
  p99Ms: z.number().nullable(),
  cpuPercent: z.number().nullable(),
  memoryMiB: z.number().nullable(),
  reason: z.string().optional(),
})

const status = z.looseObject({ servlets: z.array(servletStatus) })

/** What a platform says of one servlet. */
export type ServletStatus = z.output<typeof servletStatus>

/** What a platform says of itself at `/-/servlets`. */
export type PlatformStatus = z.output<typeof status>

/**
 * Asks a platform for its servlets.
 *
 * @throws CommandError when it does not answer, or is something else
 */
export async function statusOf(url: string): Promise<PlatformStatus> {
  let response: Response
  try {
    response = await fetch(`${url}/-/servlets`, { signal: AbortSignal.timeout(10_000) })
  } catch (cause) {
    throw unreachable(url, cause)
  }
  const document: unknown = await response.json().catch(() => undefined)
  const parsed = status.safeParse(document)
  if (parsed.success) return parsed.data
  throw new CommandError(
    `${url} answers, and is no Atlas platform that says what its servlets do (HTTP ${response.status} at /-/servlets)`,
    exitCode.outside,
  )
}
