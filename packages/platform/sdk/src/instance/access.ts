import { type Access, AtlasError } from '@atlas/contract'
import type { CallScope } from './call-scope.ts'

/**
 * Refuses a call that the endpoint's or mount's access does not allow. Every way in passes here, so that an exposure
 * mistake of a gateway is not one of the servlet.
 *
 * @throws AtlasError `permission_denied` or `unauthenticated`
 */
export function enforceAccess(access: Access, scope: CallScope, what: string): void {
  if (access === 'internal' && scope.listener !== 'internal')
    throw new AtlasError('permission_denied', `${what} is internal: only servlets may call it`)
  if (access === 'user' && scope.user === undefined)
    throw new AtlasError(
      'unauthenticated',
      `${what} is for signed-in users: send 'Authorization: Bearer <token>'`,
    )
}
