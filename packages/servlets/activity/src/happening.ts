import type { Change } from '@acme/files/contract'
import type { SharingEvent } from '@acme/sharing/contract'
import type { Happening } from './contract.ts'

/** A change of files as people read it. */
export function ofChange(change: Change): Happening {
  switch (change.kind) {
    case 'written':
      return { kind: change.isNew ? 'added' : 'changed', path: change.file.path }
    case 'moved':
      return { kind: 'moved', path: change.file.path, from: change.from }
    case 'removed':
      return { kind: 'removed', path: change.path }
  }
}

/** An event of sharing as people read it. */
export function ofSharing(event: SharingEvent): Happening {
  const { kind, path } = event
  switch (event.kind) {
    case 'granted':
      return { kind, path, person: event.reader }
    case 'received':
      return { kind, path, person: event.owner }
    default:
      return { kind, path }
  }
}
