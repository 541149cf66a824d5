import type { InterfaceDocument } from './document.ts'
import { stringifyInterface } from './document-text.ts'
import type { InterfaceProblem } from './problem.ts'

/**
 * Compares the committed text of `interface.json` with the document that the contract gives now. Undefined where they
 * agree; line endings that git has changed do not count.
 */
export function staleness(
  committed: string | undefined,
  document: InterfaceDocument,
): InterfaceProblem | undefined {
  const remedy = 'generate it again and commit it'
  const rule = 'interface/stale'
  if (committed === undefined) return { rule, path: '', message: 'interface.json is missing', remedy }
  const current = stringifyInterface(document)
  if (committed.replaceAll('\r\n', '\n') === current) return undefined
  const path = difference(parsed(committed), JSON.parse(current)) ?? ''
  return { rule, path, message: 'interface.json is not what the contract says', remedy }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** The path of the first difference. */
function difference(a: unknown, b: unknown): string | undefined {
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null)
    return a === b ? undefined : ''
  const [left, right] = [new Map(Object.entries(a)), new Map(Object.entries(b))]
  for (const key of new Set([...left.keys(), ...right.keys()])) {
    const below = difference(left.get(key), right.get(key))
    if (below !== undefined) return below === '' ? key : `${key}.${below}`
  }
  return undefined
}
