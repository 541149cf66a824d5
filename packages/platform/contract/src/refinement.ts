/** What a named refinement puts into `params`, where the interface document finds it. */
export interface Refinement {
  readonly error: string
  readonly params: { readonly refinement: { readonly name: string; readonly version: number } }
}

/**
 * Names a refinement, so that a change of it can be seen: `z.string().refine(isIban, named('iban', 1, 'must be an IBAN'))`.
 *
 * A predicate is invisible in JSON Schema; without a name two versions of a contract that differ in it would compare as
 * equal, so contracts refuse unnamed ones. Raise the version when the predicate changes. Predicates must be pure: they
 * run twice on bad input.
 */
export function named(name: string, version: number, error: string): Refinement {
  return { error, params: { refinement: { name, version } } }
}
