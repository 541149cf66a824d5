import type { InterfaceDocument } from '../document.ts'
import { stableText } from '../document-text.ts'
import { idOfRef, type JsonSchema, refsIn } from '../json-schema.ts'
import { pascalCase } from '../names.ts'

/** What the shared schemas of each document are called among the components of one OpenAPI document. */
export interface ComponentNames {
  readonly names: ReadonlyMap<InterfaceDocument, ReadonlyMap<string, string>>
  readonly errorName: string
}

/**
 * Names components. An id that means the same in every document stays; where it means different things, each gets the
 * name of its servlet in front.
 */
export function componentNames(documents: readonly InterfaceDocument[]): ComponentNames {
  const meanings = new Map<string, Set<string>>()
  for (const { schemas = {} } of documents)
    for (const id of Object.keys(schemas))
      meanings.set(id, (meanings.get(id) ?? new Set()).add(meaningOf(id, schemas)))
  const taken = new Set(meanings.keys())
  const free = (name: string): string => {
    let candidate = name
    while (taken.has(candidate)) candidate = `${candidate}_`
    taken.add(candidate)
    return candidate
  }
  const names = documents.map((document) => {
    const renamed = Object.keys(document.schemas ?? {}).map((id): [string, string] => [
      id,
      meanings.get(id)!.size > 1 ? free(`${pascalCase(document.name)}${id}`) : id,
    ])
    return [document, new Map(renamed)] as const
  })
  return { names: new Map(names), errorName: free('Error') }
}

/** A text that is the same for two schemas only if everything that they reference is the same too. */
function meaningOf(id: string, schemas: Readonly<Record<string, JsonSchema>>): string {
  const found = new Set([id])
  // The set grows while it is walked.
  for (const each of found)
    for (const ref of refsIn(schemas[each] ?? {})) {
      const next = idOfRef(ref)
      if (next !== undefined) found.add(next)
    }
  return stableText([...found].sort().map((each) => [each, schemas[each]]))
}
