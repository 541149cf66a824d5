import * as z from 'zod'
import { errorFinding, type Parsed } from '../finding.ts'
import { readJson } from '../json-text.ts'

const access = z.enum(['public', 'user', 'internal']).default('internal')

// Only what the catalog needs. The interface package owns the format; a field that it adds must not break the catalog.
const interfaceDocument = z.object({
  name: z.string(),
  endpoints: z.record(z.string(), z.object({ route: z.string(), access })).default({}),
  mounts: z.record(z.string(), z.object({ access, openapi: z.string().exactOptional() })).default({}),
  calls: z.record(z.string(), z.array(z.string())).default({}),
})

/** What the catalog needs of an interface document. */
export type InterfaceOutline = z.output<typeof interfaceDocument>

/** Reads an interface document: the text of `interface.json`, or the document itself. */
export function readInterface(
  source: { text: string } | { document: unknown },
  file: string,
): Parsed<InterfaceOutline> {
  const json = 'text' in source ? readJson(source.text, file) : { ok: true as const, value: source.document }
  if (!json.ok) return json
  const parsed = interfaceDocument.safeParse(json.value)
  if (parsed.success) return { ok: true, value: parsed.data, findings: [] }
  return {
    ok: false,
    findings: parsed.error.issues.map((issue) =>
      errorFinding({
        rule: 'servlet/interface-invalid',
        file,
        path: issue.path.map(String).join('.'),
        message: `is not an interface document: ${issue.message}`,
        remedy: 'it is generated and not to be edited; run npx atlas interface',
      }),
    ),
  }
}
