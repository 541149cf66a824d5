import type { Finding } from '@atlas/manifest'

/** The workspace has findings, so nothing can be planned. */
export class UnplannableWorkspace extends Error {
  readonly findings: readonly Finding[]

  constructor(findings: readonly Finding[]) {
    const [first] = findings
    super(`${first?.file}: ${first?.message}; ${first?.remedy}`)
    this.findings = findings
  }
}
