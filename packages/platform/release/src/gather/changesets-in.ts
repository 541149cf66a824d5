import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { errorFinding, type Finding, nearest } from '@atlas/manifest'
import { type Changeset, readChangeset } from '../changesets/changeset.ts'

/** The names of the changeset files of a workspace, relative to its root. */
export async function changesetFiles(root: string): Promise<string[]> {
  const names = await readdir(join(root, '.changeset')).catch(() => [])
  return names
    .filter((name) => name.endsWith('.md') && name !== 'README.md')
    .sort()
    .map((name) => `.changeset/${name}`)
}

/** Reads all changesets; those that cannot be read, or name packages that are not there, are findings. */
export async function changesetsIn(
  root: string,
  packages: readonly string[],
): Promise<{ changesets: Changeset[]; findings: Finding[] }> {
  const known = new Set(packages)
  const changesets: Changeset[] = []
  const findings: Finding[] = []
  const files = await changesetFiles(root)
  const texts = await Promise.all(files.map((file) => readFile(join(root, file), 'utf8')))
  for (const [index, file] of files.entries()) {
    const read = readChangeset(file, texts[index]!)
    if ('rule' in read) {
      findings.push(read)
      continue
    }
    changesets.push(read)
    for (const name of read.releases.keys())
      if (!known.has(name)) {
        const meant = nearest(name, packages)
        findings.push(
          errorFinding({
            rule: 'changeset/unknown',
            file,
            path: name,
            message: `there is no package '${name}' in the workspace`,
            remedy: meant ? `correct the name: '${meant}'?` : 'correct the name, or remove the line',
          }),
        )
      }
  }
  return { changesets, findings }
}
