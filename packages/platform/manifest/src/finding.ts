/** Something wrong in a workspace, said so that its reader can act on it without looking anything up. */
export interface Finding {
  /** The rule that was broken, `routes/ambiguous`. */
  readonly rule: string
  /** An `error` stops a start, a check and a release; a `warning` does not. */
  readonly severity: 'error' | 'warning'
  /** The file to change, relative to the root of the workspace, with `/` between folders. */
  readonly file: string
  /** Where in it: a field (`stores.tree`), a place (`line 3, column 5`), or empty for the whole file. */
  readonly path: string
  /** What is wrong: part of a sentence, without a full stop. */
  readonly message: string
  /** What to do about it. */
  readonly remedy: string
  /** An example that proves it, such as a path that two routes match. */
  readonly witness?: string
}

/** A value, or why there is none. A value may come with warnings. */
export type Parsed<T> =
  | { readonly ok: true; readonly value: T; readonly findings: readonly Finding[] }
  | { readonly ok: false; readonly findings: readonly Finding[] }

/** Makes a finding of severity `error`. */
export function errorFinding(finding: Omit<Finding, 'severity'>): Finding {
  const { rule, file, path, message, remedy, witness } = finding
  const made: Finding = { rule, severity: 'error', file, path, message, remedy }
  return witness === undefined ? made : { ...made, witness }
}

// Numeric, so that line 2 comes before line 10.
const { compare } = new Intl.Collator('en', { numeric: true })

/** Findings by file, then place, so that a report does not depend on the order in which things were found. */
export function inOrder(findings: readonly Finding[]): Finding[] {
  return [...findings].sort(
    (a, b) =>
      compare(a.file, b.file) ||
      compare(a.path, b.path) ||
      compare(a.rule, b.rule) ||
      compare(a.message, b.message),
  )
}
