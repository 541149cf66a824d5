import { AtlasError, type Code } from '@atlas/contract'
import { describe, expect, it, vi } from 'vitest'
import { bearerToken, cachedAuthentication } from './authentication.ts'

const limits = { authenticateTimeoutMs: 1000, subjectCacheMs: 60_000, subjectCacheSize: 2 }

describe('authentication', () => {
  it('asks once for many requests at once, and not again for a while', async () => {
    const ask = vi.fn(async (token: string) => ({ id: token }))
    const subjectOf = cachedAuthentication(ask, limits)
    expect(await Promise.all([subjectOf('a'), subjectOf('a'), subjectOf('b')])).toEqual([
      { id: 'a' },
      { id: 'a' },
      { id: 'b' },
    ])
    expect(await subjectOf('a')).toEqual({ id: 'a' })
    expect(ask).toHaveBeenCalledTimes(2)
  })

  it('asks again when what it knows is too old', async () => {
    const ask = vi.fn(async (token: string) => ({ id: token }))
    const subjectOf = cachedAuthentication(ask, { ...limits, subjectCacheMs: 0 })
    await subjectOf('a')
    await subjectOf('a')
    expect(ask).toHaveBeenCalledTimes(2)
  })

  it('forgets who was not seen for longest', async () => {
    const ask = vi.fn(async (token: string) => ({ id: token }))
    const subjectOf = cachedAuthentication(ask, limits)
    for (const token of ['a', 'b', 'a', 'c', 'a', 'b']) await subjectOf(token)
    expect(ask.mock.calls.map(([token]) => token)).toEqual(['a', 'b', 'c', 'b'])
  })

  it('does not keep refusals', async () => {
    const ask = vi.fn(async (): Promise<unknown> => ({ id: 'a' }))
    ask.mockRejectedValueOnce(new AtlasError('unavailable', 'starting'))
    const subjectOf = cachedAuthentication(ask, limits)
    await expect(subjectOf('a')).rejects.toMatchObject({ code: 'unavailable' })
    expect(await subjectOf('a')).toEqual({ id: 'a' })
  })

  it('lets nobody change what others will see', async () => {
    const given = { id: 'a', groups: ['x'] }
    const subject = (await cachedAuthentication(async () => given, limits)('a')) as typeof given
    expect(() => subject.groups.push('admin')).toThrow(TypeError)
    given.groups.push('admin')
    expect(subject.groups).toEqual(['x'])
  })

  it('gives up on an authenticator that does not answer', async () => {
    const ask = (_token: string, signal: AbortSignal) =>
      new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
    const subjectOf = cachedAuthentication(ask, { ...limits, authenticateTimeoutMs: 10 })
    await expect(subjectOf('a')).rejects.toMatchObject({ code: 'unavailable' })
  })

  it.each<[Code, Code]>([
    ['unauthenticated', 'unauthenticated'],
    ['not_found', 'unauthenticated'],
    ['invalid_argument', 'unauthenticated'],
    ['permission_denied', 'permission_denied'],
    ['resource_exhausted', 'unavailable'],
    ['deadline_exceeded', 'unavailable'],
    ['data_loss', 'internal'],
  ])('takes %s of the authenticator for %s of the call', async (theirs, ours) => {
    const ask = async () => {
      throw new AtlasError(theirs, 'why', { kind: 'theirs', data: { a: 1 } })
    }
    await expect(cachedAuthentication(ask, limits)('a')).rejects.toMatchObject({
      code: ours,
      kind: undefined,
      data: undefined,
    })
  })

  it.each([
    ['Bearer abc', 'abc'],
    ['bearer  abc ', 'abc'],
    ['Basic abc', undefined],
    ['Bearer ', undefined],
    ['Bearerabc', undefined],
    [undefined, undefined],
  ])('reads %j as %j', (header, token) => {
    expect(bearerToken(header)).toBe(token)
  })
})
