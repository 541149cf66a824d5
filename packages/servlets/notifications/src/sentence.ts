import type { Happening } from '@acme/activity/contract'
import type { Notification } from './contract.ts'

/** What to tell somebody of a happening; undefined where it is what they did themselves. */
export function sentenceOf({
  kind,
  path,
  person,
}: Happening): Pick<Notification, 'kind' | 'text'> | undefined {
  switch (kind) {
    case 'opened':
      return { kind, text: `Somebody opened your link to ${path}` }
    case 'received':
      return { kind, text: `${person?.name ?? 'Somebody'} lets you read ${path}` }
    default:
      return undefined
  }
}
