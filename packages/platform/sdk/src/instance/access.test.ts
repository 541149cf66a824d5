import { type Access, AtlasError, type Code } from '@atlas/contract'
import { expect, test } from 'vitest'
import { enforceAccess } from './access.ts'

const user = { id: 'ada' }

test.for<[Access, 'public' | 'internal', unknown, Code | 'allowed']>([
  ['public', 'public', undefined, 'allowed'],
  ['public', 'public', user, 'allowed'],
  ['public', 'internal', undefined, 'allowed'],
  ['public', 'internal', user, 'allowed'],
  ['user', 'public', undefined, 'unauthenticated'],
  ['user', 'public', user, 'allowed'],
  ['user', 'internal', undefined, 'unauthenticated'],
  ['user', 'internal', user, 'allowed'],
  ['internal', 'public', undefined, 'permission_denied'],
  ['internal', 'public', user, 'permission_denied'],
  ['internal', 'internal', undefined, 'allowed'],
  ['internal', 'internal', user, 'allowed'],
])('%s on the %s listener by %o: %s', ([access, listener, who, expected]) => {
  const { signal } = new AbortController()
  const enter = () =>
    enforceAccess(access, { listener, user: who, signal, deadline: undefined, caller: 'x' }, 'files.list')
  let outcome: string = 'allowed'
  try {
    enter()
  } catch (reason) {
    expect(reason).toBeInstanceOf(AtlasError)
    expect((reason as AtlasError).message).toContain('files.list')
    outcome = (reason as AtlasError).code
  }
  expect(outcome).toBe(expected)
})
