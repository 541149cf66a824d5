import { AtlasError } from '@atlas/contract'
import { expect, test, vi } from 'vitest'
import type { CallRequest, Transport } from './client.ts'
import { createClient } from './create-client.ts'
import { notes } from './fixtures/notes.ts'
import { originOf } from './origin.ts'

function clientOver(unary: (request: CallRequest) => Promise<unknown>, stream?: Transport['stream']) {
  return createClient(notes, { unary, stream: stream ?? (() => expect.fail('no stream was asked for')) })
}

test('a call becomes a request, with bytes apart', async () => {
  const unary = vi.fn(async (_request: CallRequest) => ({}))
  const client = clientOver(unary)
  const { signal } = new AbortController()
  await client.get({ id: 'a' }, { signal, timeoutMs: 5 })
  await client.write({ path: 'a', body: 'text' })
  await client.clear()
  expect(unary.mock.calls.map(([request]) => request)).toEqual([
    {
      ...{ contract: notes, name: 'get', endpoint: notes.endpoints.get },
      ...{ input: { id: 'a' }, body: undefined, signal, timeoutMs: 5 },
    },
    {
      ...{ contract: notes, name: 'write', endpoint: notes.endpoints.write },
      ...{ input: { path: 'a' }, body: 'text', signal: undefined, timeoutMs: undefined },
    },
    {
      ...{ contract: notes, name: 'clear', endpoint: notes.endpoints.clear },
      ...{ input: {}, body: undefined, signal: undefined, timeoutMs: undefined },
    },
  ])
})

test('result() holds typed errors as values, and throws all others', async () => {
  const gone = new AtlasError('not_found', 'm', { kind: 'gone', data: { since: 'noon', by: 'ada' } })
  const result = await clientOver(() => Promise.reject(gone)).get.result({ id: 'a' })
  expect(result).toEqual({ ok: false, error: gone })
  const out = clientOver(() => Promise.reject(new AtlasError('unavailable', 'm')))
  await expect(out.get.result({ id: 'a' })).rejects.toMatchObject({ code: 'unavailable' })
  await expect(out.write.result({ path: 'a', body: 'x' })).rejects.toMatchObject({ code: 'unavailable' })
})

test('errors say which call they answer: the nearest one', async () => {
  const fails = () => Promise.reject(new AtlasError('unavailable', 'm'))
  const error = await clientOver(fails)
    .get({ id: 'a' })
    .catch((thrown: AtlasError) => thrown)
  expect(originOf(error as AtlasError)).toBe('notes.get')
  expect(originOf(new AtlasError('unavailable', 'm'))).toBeUndefined()
  const again = clientOver(() => Promise.reject(error)).set({ id: 'a', text: 'x' })
  await again.catch((thrown: AtlasError) => expect(originOf(thrown)).toBe('notes.get'))
  expect.assertions(3)
})

test('a stream begins when it is iterated, and each is a call of its own', async () => {
  const stream = vi.fn(async function* (_request: CallRequest) {
    yield { id: 'a', text: '1' }
  })
  const client = clientOver(() => expect.fail('no unary call was asked for'), stream)
  client.watch()
  expect(stream).not.toHaveBeenCalled()
  for await (const item of client.watch()) expect(item).toEqual({ id: 'a', text: '1' })
  expect(stream).toHaveBeenCalledOnce()
})

test('leaving a stream aborts the signal of its request; reading it to its end does not', async () => {
  const signals: (AbortSignal | undefined)[] = []
  const client = clientOver(
    () => expect.fail('no unary call was asked for'),
    async function* ({ signal }) {
      signals.push(signal)
      yield { id: 'a', text: '1' }
      yield { id: 'a', text: '2' }
    },
  )
  for await (const _ of client.watch()) break
  for await (const _ of client.watch());
  expect(signals.map((signal) => signal?.aborted)).toEqual([true, false])
})

test('a body that nobody read is cancelled, one that somebody reads is not', async () => {
  const cancel = vi.fn()
  const body = () => new ReadableStream<Uint8Array>({ cancel })
  await clientOver(async () => ({})).write({ path: 'a', body: body() })
  expect(cancel).toHaveBeenCalledTimes(1)
  await clientOver(() => Promise.reject(new AtlasError('unavailable', 'm')))
    .write({ path: 'a', body: body() })
    .catch(() => {})
  expect(cancel).toHaveBeenCalledTimes(2)
  await clientOver(async (request) => (request.body as ReadableStream).getReader()).write({
    path: 'a',
    body: body(),
  })
  expect(cancel).toHaveBeenCalledTimes(2)
})
