import type { Finding } from '@atlas/manifest'

/** Where a command writes: results to stdout, progress and people's findings to stderr. */
export interface Output {
  /** The one JSON document of `--json`. */
  json(document: unknown): void
  /** A result for people. */
  print(line: string): void
  /** Progress for people. */
  note(line: string): void
}

/** The process's own streams. */
export const standardOutput: Output = {
  json: (document) => void process.stdout.write(`${JSON.stringify(document, undefined, 2)}\n`),
  print: (line) => void process.stdout.write(`${line}\n`),
  note: (line) => void process.stderr.write(`${line}\n`),
}

/** Findings for people, one paragraph each. */
export function formatFindings(findings: readonly Finding[]): string[] {
  return findings.flatMap(({ rule, severity, file, path, message, remedy, witness }) => [
    `${severity} ${rule}  ${file}${path ? ` (${path})` : ''}`,
    `    ${message}${witness ? `, for example ${witness}` : ''}`,
    `    ${remedy}`,
  ])
}
