import { createClient, type Transport } from '@atlas/client'
import { AtlasError, type Code, codes, contract, endpoint, error } from '@atlas/contract'
import { describe, expect, test } from 'vitest'
import * as z from 'zod'
import { outgoingError, stopped } from './outgoing-error.ts'

const called = endpoint({
  route: 'POST /call',
  errors: { full: error('resource_exhausted', { quotaBytes: z.int() }), gone: error('not_found') },
})
type Stopping = Parameters<typeof stopped>[0]
const running: Stopping = { signal: new AbortController().signal, deadline: undefined }
const gone: Stopping = { signal: AbortSignal.abort(), deadline: undefined }
const late: Stopping = { signal: running.signal, deadline: Date.now() - 1 }

/** The error of a call to another servlet, as a handler catches it. */
async function received(thrown: AtlasError): Promise<unknown> {
  const other = contract('other', { run: endpoint({ route: 'POST /run' }) })
  const transport = { unary: async () => Promise.reject(thrown) } as unknown as Transport
  return createClient(other, transport)
    .run()
    .catch((reason: unknown) => reason)
}

function shown(reason: unknown, call = running) {
  const { code, message, kind, data } = outgoingError(called, reason, call)
  return { code, message, kind, data }
}

const hidden = { code: 'internal', message: 'internal error', kind: undefined, data: undefined }

describe('what the handler made', () => {
  test('typed errors pass, with the data of the contract alone', () => {
    const data = { quotaBytes: 1, secret: 's' }
    expect(shown(new AtlasError('resource_exhausted', 'full', { kind: 'full', data }))).toEqual({
      code: 'resource_exhausted',
      message: 'full',
      kind: 'full',
      data: { quotaBytes: 1 },
    })
  })

  test.for<[string, AtlasError]>([
    ['a kind that this endpoint does not declare', new AtlasError('not_found', 'm', { kind: 'other' })],
    ['a kind that every object has', new AtlasError('not_found', 'm', { kind: 'constructor' })],
    ['a kind with another code', new AtlasError('internal', 'm', { kind: 'gone' })],
    [
      'a kind with wrong data',
      new AtlasError('resource_exhausted', 'm', { kind: 'full', data: { quotaBytes: 'x' } }),
    ],
  ])('%s is hidden', ([, reason]) => expect(shown(reason)).toEqual(hidden))

  test('errors without a kind pass, whatever their code', () => {
    for (const code of Object.keys(codes) as Code[])
      expect(shown(new AtlasError(code, 'why', { data: { more: 1 } }))).toEqual({
        code,
        message: 'why',
        kind: undefined,
        data: { more: 1 },
      })
  })

  test.for<[string, unknown]>([
    ['an Error', new Error('password is hunter2')],
    ['a string', 'password is hunter2'],
    ['undefined', undefined],
    ['null', null],
    ['something like an AtlasError', { code: 'not_found', message: 'm' }],
  ])('%s is hidden, and kept for the log', ([, reason]) => {
    expect(shown(reason)).toEqual(hidden)
    expect(outgoingError(called, reason, running).cause).toBe(reason)
  })
})

describe('errors of servlets called on the way', () => {
  test.for<[Code, Code]>([
    ['unavailable', 'unavailable'],
    ['deadline_exceeded', 'deadline_exceeded'],
    ['resource_exhausted', 'resource_exhausted'],
    ['unauthenticated', 'unauthenticated'],
    ['not_found', 'internal'],
    ['invalid_argument', 'internal'],
    ['permission_denied', 'internal'],
    ['already_exists', 'internal'],
    ['unimplemented', 'internal'],
    ['internal', 'internal'],
    ['unknown', 'internal'],
  ])('%s becomes %s', async ([from, to]) => {
    const reason = await received(new AtlasError(from, 'why', { data: { secret: 's' } }))
    expect(shown(reason)).toEqual({
      ...hidden,
      code: to,
      message: to === 'internal' ? 'internal error' : 'other.run: why',
    })
    expect(outgoingError(called, reason, running).cause).toBe(reason)
  })

  test('a typed error of theirs is not one of ours, even by the same name', async () => {
    const data = { quotaBytes: 1 }
    const reason = await received(new AtlasError('resource_exhausted', 'why', { kind: 'full', data }))
    expect(shown(reason)).toMatchObject({ code: 'resource_exhausted', kind: undefined, data: undefined })
  })

  test('canceled passes when the caller is gone; else the handler has cancelled its own call', async () => {
    const reason = await received(new AtlasError('canceled', 'why'))
    expect(shown(reason, gone).code).toBe('canceled')
    expect(shown(reason, running)).toEqual(hidden)
  })
})

describe('errors of aborted signals', () => {
  const timeout = () => new DOMException('timeout', 'TimeoutError')
  const abort = () => new DOMException('aborted', 'AbortError')

  test.for<[string, () => unknown, Stopping, Code]>([
    ['the caller went away', abort, gone, 'canceled'],
    ['the deadline passed', timeout, late, 'deadline_exceeded'],
    ['the handler gave up on something of its own', abort, running, 'internal'],
    ['something of its own took too long', timeout, running, 'internal'],
  ])('%s', ([, reason, call, code]) => expect(shown(reason(), call).code).toBe(code))
})

test('a call is stopped by its signal or its deadline', () => {
  expect([running, gone, late].map(stopped)).toEqual([false, true, true])
  expect(stopped({ signal: running.signal, deadline: Date.now() + 60_000 })).toBe(false)
})
