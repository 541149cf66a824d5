import { createHash } from 'node:crypto'
import type { Change } from '@atlas/interface'
import type { ServletChange } from './gate.ts'

/** What a changeset says of a servlet, drafted from what was found. */
export function draftSummary({ name, comparison, hurting, needed }: ServletChange): string {
  const others = comparison.changes.filter(
    ({ direction, severity }) => direction === 'old-caller' && (severity === 'minor' || severity === 'patch'),
  )
  const lines = [...hurting, ...others].map((change) => `- ${sentence(change)}`)
  if (lines.length === 0)
    return needed === 'none'
      ? `${name}: nothing that callers see`
      : `${name}: changed inside; its interface is the same`
  const [only] = lines
  return lines.length === 1
    ? only!.slice(2)
    : `${titles[needed] ?? 'Changes'} of ${name}:\n\n${lines.join('\n')}`
}

const titles: Readonly<Record<string, string>> = {
  major: 'Breaking changes',
  minor: 'Additions to the interface',
  patch: 'Changes',
}

function sentence({ message, severity }: Change): string {
  const mark =
    severity === 'breaking' ? 'Breaking: ' : severity === 'possibly-breaking' ? 'Possibly breaking: ' : ''
  const text = `${mark}${message}.`
  return text.charAt(0).toUpperCase() + text.slice(1)
}

/** The name of a drafted changeset: the same draft has the same name, so that running it again writes nothing twice. */
export function draftFile(names: readonly string[], text: string): string {
  const hash = createHash('sha256').update(text).digest('hex').slice(0, 8)
  const what = names.length <= 2 ? names.join('-') : `${names[0]}-and-${names.length - 1}-more`
  return `.changeset/${what}-${hash}.md`
}
