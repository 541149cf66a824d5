import { type InterfaceDocument, parseInterfaceDocument } from '@atlas/interface'
import { errorFinding, type Finding } from '@atlas/manifest'
import type { Base } from '../git/base.ts'

/** The interface of a servlet at the base, or the finding that it cannot be told, so that nothing is proven of its changes. */
export type BaseInterface =
  | { readonly ok: true; readonly document: InterfaceDocument }
  | { readonly ok: false; readonly finding: Finding }

/** Reads the `interface.json` of a servlet that was there at the base. `text` is undefined where there was none. */
export function baseInterface(
  dir: string,
  text: string | undefined,
  { commit, ref }: Extract<Base, { kind: 'found' }>,
): BaseInterface {
  const parsed = text === undefined ? undefined : parseInterfaceDocument(text)
  if (parsed?.ok) return { ok: true, document: parsed.value }
  const [problem] = parsed?.problems ?? []
  const where = `at ${commit.slice(0, 12)}, where this branch left ${ref}`
  const why = problem
    ? `its interface.json ${where}, cannot be read: ${problem.path === '' ? '' : `${problem.path}: `}${problem.message}`
    : `it has no interface.json ${where}`
  return {
    ok: false,
    finding: errorFinding({
      rule: 'changeset/base-interface',
      file: `${dir}/interface.json`,
      path: '',
      message: `${why}; so nothing proves that what has changed since breaks nobody`,
      remedy: `make the file good on ${ref} (npx atlas interface, commit), then merge or rebase; or, where its owner has looked at every change of the contract, let a changeset that names the servlet say so with a line "accept: changeset/base-interface ${dir}"`,
    }),
  }
}
