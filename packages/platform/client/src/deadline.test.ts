import { AtlasError } from '@atlas/contract'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { abortedBy, callSignal } from './deadline.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

test('without a timeout the signal is the caller’s own', () => {
  const { signal } = new AbortController()
  expect(callSignal(signal, undefined).signal).toBe(signal)
  expect(callSignal(undefined, undefined).signal).toBeUndefined()
  expect(vi.getTimerCount()).toBe(0)
})

test('the timeout aborts it, and being done frees the timer', () => {
  const late = callSignal(undefined, 1000)
  const done = callSignal(undefined, 1000)
  done.done()
  vi.advanceTimersByTime(999)
  expect(late.signal?.aborted).toBe(false)
  vi.advanceTimersByTime(1)
  expect(late.signal?.aborted).toBe(true)
  expect(late.error()).toMatchObject({ code: 'deadline_exceeded' })
  expect(done.signal?.aborted).toBe(false)
  expect(vi.getTimerCount()).toBe(0)
})

test('the caller’s signal aborts it, until it is done', () => {
  const caller = new AbortController()
  const [stopped, done] = [callSignal(caller.signal, 1000), callSignal(caller.signal, 1000)]
  done.done()
  caller.abort()
  expect(stopped.error()).toMatchObject({ code: 'canceled' })
  expect([stopped.signal?.aborted, done.signal?.aborted]).toEqual([true, false])
  stopped.done()
  expect(vi.getTimerCount()).toBe(0)
})

test.for([0, -5])('a timeout of %i has passed already', (timeoutMs) => {
  expect(callSignal(undefined, timeoutMs).error()).toMatchObject({ code: 'deadline_exceeded' })
  expect(callSignal(AbortSignal.abort(), timeoutMs).error()).toMatchObject({ code: 'canceled' })
})

test.for([2 ** 31, Number.POSITIVE_INFINITY])('a timeout of %d is longer than any timer', (timeoutMs) => {
  const { signal } = new AbortController()
  expect(callSignal(signal, timeoutMs).signal).toBe(signal)
  expect(vi.getTimerCount()).toBe(0)
})

test('an AtlasError as the reason is passed on as a copy', () => {
  const reason = new AtlasError('unavailable', 'draining')
  const error = abortedBy(AbortSignal.abort(reason))
  expect(error).toMatchObject({ code: 'unavailable', message: 'draining', cause: reason })
  expect(error).not.toBe(reason)
})

test('the web’s own timeout is a deadline', () => {
  const reason = new DOMException('', 'TimeoutError')
  expect(abortedBy(AbortSignal.abort(reason)).code).toBe('deadline_exceeded')
})
