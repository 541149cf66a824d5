import type { Finding } from '@atlas/manifest'

/** A finding as one line. */
export function sentenceOf({ file, path, message, remedy, witness }: Finding): string {
  const where = path ? `${file} (${path})` : file
  return `${where}: ${message}${witness ? ` (${witness})` : ''}; ${remedy}`
}
