import type { Access } from '@atlas/contract'

/** Everybody who might call, as the runtime tells them apart, and the accesses that let them. */
const callers: readonly { readonly who: string; readonly allowed: readonly Access[] }[] = [
  { who: 'a call from outside without a user', allowed: ['public'] },
  { who: 'a signed-in user from outside', allowed: ['public', 'user'] },
  { who: 'another servlet without a user', allowed: ['public', 'internal'] },
  { who: 'another servlet on behalf of a user', allowed: ['public', 'user', 'internal'] },
]

/** Those whom one access lets call and another does not. */
export function shutOut(expected: Access, actual: Access): string[] {
  return callers
    .filter(({ allowed }) => allowed.includes(expected) && !allowed.includes(actual))
    .map(({ who }) => who)
}
