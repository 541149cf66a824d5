import { createHash } from 'node:crypto'
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Disagreements } from './disagreements.ts'
import { cache } from './history.ts'
import type { Step } from './timings.ts'

/** The code that tells classes. What it imports of Atlas is in what is compared. */
const sources = ['agreement.ts', 'classify.ts', 'described.ts', 'disagreements.ts']

/**
 * What was told of a step before, if everything that it follows from is the same: the versions, what both tools report, what
 * the import lists as lost, and the code that tells. So times can be taken again without telling all classes again.
 */
export async function keptDisagreements(
  step: Step,
  tell: () => Disagreements | undefined,
  folder = join(cache, 'disagreements'),
): Promise<Disagreements | undefined> {
  if (!step.oasdiff) return tell()
  const hash = createHash('sha256')
  for (const source of sources) hash.update(await readFile(join(import.meta.dirname, source)))
  const reports = [...step.compared].map(([name, { comparison }]) => [name, comparison.changes])
  const losses = [step.from, step.to].map(({ version, servlets }) => [
    version,
    [...servlets.values()].map(({ name, document, losses, answers }) => [name, document, losses, answers]),
  ])
  hash.update(JSON.stringify([reports, losses, step.oasdiff.findings]))
  const file = join(folder, `${hash.digest('hex')}.json`)
  const kept = await readFile(file, 'utf8').catch(() => undefined)
  if (kept !== undefined) return JSON.parse(kept) as Disagreements
  const told = tell()
  await mkdir(folder, { recursive: true })
  await writeFile(`${file}.${process.pid}`, JSON.stringify(told))
  await rename(`${file}.${process.pid}`, file)
  return told
}
