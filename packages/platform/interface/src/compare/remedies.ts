import type { Direction } from './finding.ts'
import type { GapKind } from './json/gap.ts'

/** Which message of an endpoint is meant. */
export type Part = 'input' | 'output' | 'error'

const beforeCallers = 'roll out the servlet before the callers that use this, and take them back before it'

const takeOn: Readonly<Record<GapKind, string>> = {
  'field-missing': 'make the field optional or give it a default, or take it in a new endpoint',
  'field-refused': 'go on taking the field and ignore it',
  type: 'go on taking the old type, and take the new one in a new optional field',
  null: 'go on taking null, and treat it as absent in the handler',
  value: 'go on taking the value, and say in a description that it is on its way out',
  variant: 'go on taking the variant, and say in a description that it is on its way out',
  length: 'go on taking what was taken, or answer with a typed error where the handler cannot use it',
  range: 'go on taking what was taken, or answer with a typed error where the handler cannot use it',
  format: 'go on taking what was taken, or answer with a typed error where the handler cannot use it',
  count: 'go on taking what was taken, or answer with a typed error where the handler cannot use it',
  key: 'go on taking what was taken, or answer with a typed error where the handler cannot use it',
  refinement:
    'if it passes all that passed before, accept this in the changeset; else check it in the handler and answer with a typed error',
  undecided: 'if you know it to be safe, accept this in the changeset; else go on taking what was taken',
}

const giveOn: Readonly<Record<GapKind, string>> = {
  'field-missing': 'go on sending the field; where it has no value any more, send an empty one',
  'field-refused': 'leave the field out',
  type: 'go on sending the old type, and send the new one in a new field',
  null: 'go on sending a value, and add a new nullable field',
  value: 'send it in a new field, declared with open(z.enum([...])) so that it can grow',
  variant: 'send it in a new field or from a new endpoint, where callers that do not know it do not look',
  length: 'keep to what callers were told, and send the rest in a new field',
  range: 'keep to what callers were told, and send the rest in a new field',
  format: 'keep to what callers were told, and send the rest in a new field',
  count: 'keep to what callers were told, and send the rest in a new field',
  key: 'keep to what callers were told, and send the rest in a new field',
  refinement:
    'if all that is sent still passes the old one, accept this in the changeset; else send it in a new field',
  undecided: 'if you know it to be safe, accept this in the changeset; else keep to what callers were told',
}

/** How to make a change of a payload compatibly. */
export function payloadRemedy(part: Part, kind: GapKind, direction: Direction): string {
  if (direction === 'new-caller') return beforeCallers
  return (part === 'input' ? takeOn : giveOn)[kind]
}

/** The remedy of what new callers need and the old servlet does not have. */
export function orderedRemedy(direction: Direction, remedy: string): string {
  return direction === 'new-caller' ? beforeCallers : remedy
}
