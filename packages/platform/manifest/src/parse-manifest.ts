import { type Finding, inOrder, type Parsed } from './finding.ts'
import { readWrittenJson } from './json-text.ts'
import { type ManifestKind, type Manifests, manifestKinds } from './kinds.ts'
import { findingsOf } from './schema-findings.ts'

/**
 * Reads a file that a person wrote: syntax, then fields, then defaults. Never throws; all problems come at once.
 *
 * @param file where the text is from, relative to the root of the workspace; findings name it
 */
export function parseManifest<K extends ManifestKind>(
  kind: K,
  text: string,
  file: string,
): Parsed<Manifests[K]> {
  const json = readWrittenJson(text, file)
  return json.ok ? checkManifest(kind, json.value, file) : json
}

/** The same for a value that has been parsed already, such as a JSON file that code imports. */
export function checkManifest<K extends ManifestKind>(
  kind: K,
  value: unknown,
  file: string,
): Parsed<Manifests[K]> {
  const content = withoutSchema(value)
  const result = manifestKinds[kind].schema.safeParse(content)
  if (result.success) return { ok: true, value: result.data, findings: [] }
  const findings: Finding[] = result.error.issues.flatMap((issue) => findingsOf(issue, kind, content, file))
  return { ok: false, findings: inOrder(findings) }
}

/** `$schema` is for editors, and means nothing to us. */
function withoutSchema(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
  const { $schema, ...content } = value as Record<string, unknown>
  return content
}
