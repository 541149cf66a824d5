import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Catalog } from '@atlas/manifest'
import * as z from 'zod'
import { git } from '../git/git.ts'
import type { PackageFacts } from '../plan/facts.ts'
import type { PlannedRelease } from '../plan/plan.ts'

/** Where the owner approves a release of a servlet, relative to the root. */
export function approvalFile(servlet: string): string {
  return `infra/approvals/${servlet}.json`
}

const schema = z.strictObject({ version: z.string(), sources: z.string(), by: z.string() })

/** An owner's word for one version, as it was when they gave it. */
export interface Approval {
  readonly version: string
  /** The digest of the servlet's own files: one that has changed since is another. */
  readonly sources: string
  /** The mail address of whoever approved; also the author of the commit. */
  readonly by: string
}

/** The text of an approval. */
export function approvalText({ version, sources, by }: Approval): string {
  return `${JSON.stringify({ version, sources, by }, undefined, 2)}\n`
}

/** Whether the owner wants to be asked before a release goes out. */
export function needsApproval({ servlet, bump }: PlannedRelease, { servlets }: Catalog): boolean {
  const approval = servlets.find(({ name }) => name === servlet)?.manifest.release?.approval
  return approval !== undefined && ('every' in approval || bump === 'major')
}

/** Who approved a release; or what is missing, with the remedy. */
export type Approved =
  | { readonly by: string; readonly missing?: undefined }
  | { readonly by?: undefined; readonly missing: string }

/**
 * Looks for the approval of a release: for this version, of the servlet as it is, in a commit of whoever gives it, who is a
 * member of the owner as far as `infra/teams.json` has mail addresses. Where it has none, the review of the file that CODEOWNERS
 * asks for is what counts.
 */
export async function approvalOf(
  root: string,
  { servlet, owner, to }: PlannedRelease,
  { sources }: PackageFacts,
  { teams }: Catalog,
): Promise<Approved> {
  const file = approvalFile(servlet!)
  const remedy = `somebody of ${owner} has to run npx atlas release approve ${servlet}, commit and push`
  const text = await readFile(join(root, file), 'utf8').catch(() => undefined)
  if (text === undefined) return { missing: `${to} is not approved; ${remedy}` }
  const approval = parsed(text)
  if (!approval) return { missing: `${file} is no approval; ${remedy}` }
  if (approval.version !== to) return { missing: `${approval.version} is approved, and not ${to}; ${remedy}` }
  if (approval.sources !== sources)
    return { missing: `${servlet} has changed since ${approval.by} approved ${to}; ${remedy}` }
  const author = (await git(root, ['log', '-1', '--format=%ae', '--', file])).stdout.trim()
  if (author !== approval.by)
    return {
      missing: `${file} says that ${approval.by} approves, and ${author === '' ? 'nobody' : author} committed it; ${remedy}`,
    }
  const addresses = (teams[owner!]?.members ?? []).filter((member) => /.@./.test(member))
  if (addresses.length > 0 && !addresses.includes(approval.by))
    return { missing: `${approval.by} is not of ${owner} (${addresses.join(', ')}); ${remedy}` }
  return { by: approval.by }
}

function parsed(text: string): Approval | undefined {
  try {
    return schema.safeParse(JSON.parse(text)).data
  } catch {
    return undefined
  }
}
