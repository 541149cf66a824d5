import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Catalog, errorFinding, type Finding } from '@atlas/manifest'
import { codeownersFile, codeownersText, isGeneratedCodeowners } from '@atlas/release/workspace'

/** CODEOWNERS as it is, and as it should be. */
export interface OwnersFile {
  /** Undefined where there is none. */
  readonly before: string | undefined
  readonly text: string
}

/** Reads CODEOWNERS, and works out what it should be. */
export async function readOwnersFile(root: string, catalog: Catalog): Promise<OwnersFile> {
  const before = await readFile(join(root, codeownersFile), 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined
    throw error
  })
  return { before, text: codeownersText(catalog) }
}

/** Whether manifests that say who owns what are broken: then nobody knows what CODEOWNERS should be. */
export function ownersUnknown(findings: readonly Finding[]): boolean {
  return findings.some(
    ({ severity, file }) => severity === 'error' && /(^|\/)(servlet|library|teams)\.json$/.test(file),
  )
}

/** What `atlas check` says of CODEOWNERS. A company that has none, or writes its own, is left alone. */
export async function checkOwners(
  root: string,
  catalog: Catalog,
  findings: readonly Finding[],
): Promise<Finding[]> {
  if (ownersUnknown(findings)) return []
  const { before, text } = await readOwnersFile(root, catalog)
  if (before === undefined || before === text || !isGeneratedCodeowners(before)) return []
  return [
    errorFinding({
      rule: 'owner/codeowners-stale',
      file: codeownersFile,
      path: '',
      message: 'it is not what manifests and teams say',
      remedy: 'run npx atlas owners and commit it',
    }),
  ]
}
