import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Finding } from '@atlas/manifest'
import type { Servlet } from '@atlas/sdk'

/** A servlet whose code has been loaded, or why it could not be. */
export type LoadedServlet =
  | { readonly ok: true; readonly servlet: Servlet }
  | { readonly ok: false; readonly finding: Finding; readonly cause?: unknown }

/** Loads the implementation of a servlet package: the default export of `src/servlet.ts`. Never throws. */
export async function loadServlet(root: string, dir: string): Promise<LoadedServlet> {
  const file = `${dir}/src/servlet.ts`
  const path = join(root, file)
  const refuse = (message: string, remedy: string, cause?: unknown): LoadedServlet => ({
    ok: false,
    // Not by a function of the manifest package: hosts load servlets, and have no other use for it.
    finding: { rule: 'servlet/load', severity: 'error', file, path: '', message, remedy },
    cause,
  })
  const found = await stat(path).catch(() => undefined)
  if (!found?.isFile()) return refuse('does not exist', 'write: export default servlet(contract, { ... })')
  try {
    const module = (await import(pathToFileURL(path).href)) as { default?: unknown }
    if (isServlet(module.default)) return { ok: true, servlet: module.default }
    return refuse('has no servlet as its default export', 'write: export default servlet(contract, { ... })')
  } catch (cause) {
    return refuse(`cannot be loaded: ${messageOf(cause)}`, 'correct the code it names', cause)
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

/** By shape, not by class: a servlet may carry its own copy of the sdk. */
function isServlet(value: unknown): value is Servlet {
  return typeof value === 'object' && value !== null && 'contract' in value && 'definition' in value
}
