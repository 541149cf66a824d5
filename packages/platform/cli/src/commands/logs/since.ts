import { CommandError, exitCode } from '../../exit-code.ts'

const unitMs: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }

/**
 * The time that `--since` names, in milliseconds since 1970: so long before now (`10m`), or a time as ISO 8601 writes it.
 *
 * @throws CommandError when it is neither
 */
export function sinceMs(text: string, nowMs: number): number {
  const ago = /^(\d+(?:\.\d+)?)\s*([smhd])$/.exec(text)
  if (ago) return nowMs - Number(ago[1]) * unitMs[ago[2]!]!
  const time = /^\d{4}-/.test(text) ? Date.parse(text) : Number.NaN
  if (Number.isNaN(time))
    throw new CommandError(
      `--since '${text}' is neither so long ago (30s, 10m, 2h, 1d) nor a time (2026-11-25T10:00:00Z)`,
      exitCode.usage,
    )
  return time
}
