import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import * as z from 'zod'
import { type Code, codes } from './code.ts'
import { AtlasError, error, errorDocument, invalidInput, issuesOf } from './error.ts'

describe('AtlasError', () => {
  it('has the status of its code unless given another', () => {
    for (const [code, { http }] of Object.entries(codes))
      expect(new AtlasError(code as Code, 'x').httpStatus).toBe(http)
    expect(new AtlasError('invalid_argument', 'x', { httpStatus: 415 }).httpStatus).toBe(415)
  })

  it('is an Error with a name, a message and a stack', () => {
    const it = new AtlasError('not_found', 'nobody is called ada', { kind: 'nobody', data: { name: 'ada' } })
    expect(it).toBeInstanceOf(Error)
    expect(String(it)).toBe('AtlasError: nobody is called ada')
    expect(it.stack).toContain('error.test.ts')
    expect('cause' in it).toBe(false)
  })

  it('is recognised by another copy of this package', async () => {
    const path = './error.ts?copy'
    const copy: typeof import('./error.ts') = await import(path)
    expect(copy.AtlasError).not.toBe(AtlasError)
    const theirs = new copy.AtlasError('aborted', 'retry')
    expect(Object.getPrototypeOf(theirs)).not.toBe(AtlasError.prototype)
    expect(theirs).toBeInstanceOf(AtlasError)
    expect(new AtlasError('aborted', 'retry')).toBeInstanceOf(copy.AtlasError)
    expect(AtlasError.from(theirs)).toBe(theirs)
    expect(errorDocument(theirs)).toEqual({ code: 'aborted', message: 'retry' })
  })

  it('recognises nothing else, and a subclass only its own', () => {
    class Special extends AtlasError {}
    for (const other of [
      null,
      undefined,
      'x',
      1,
      {},
      new Error('x'),
      { code: 'internal', message: 'x' },
      () => {},
    ])
      expect(other instanceof AtlasError).toBe(false)
    expect(new Special('internal', 'x')).toBeInstanceOf(AtlasError)
    expect(new Special('internal', 'x')).toBeInstanceOf(Special)
    expect(new AtlasError('internal', 'x')).not.toBeInstanceOf(Special)
  })
})

describe('from', () => {
  it('says nothing of an unexpected error, and keeps it for the log', () => {
    const thrown = Object.assign(new Error('password is hunter2'), { code: 'ECONNREFUSED', data: 'hunter2' })
    const made = AtlasError.from(thrown)
    expect(made.cause).toBe(thrown)
    expect(errorDocument(made)).toEqual({ code: 'internal', message: 'internal error' })
  })

  it('never throws and never leaks, whatever was thrown', () => {
    const secret = 'hunter2'
    const thrown = fc.oneof(
      fc.anything({
        withNullPrototype: true,
        withBigInt: true,
        withDate: true,
        values: [fc.constant(secret)],
      }),
      fc.record({
        name: fc.constantFrom('AbortError', 'TimeoutError', 'AtlasError'),
        message: fc.constant(secret),
      }),
      fc.constantFrom('AbortError', 'TimeoutError', 'Other').map((name) => new DOMException(secret, name)),
      fc.constantFrom('AbortError', 'TimeoutError').map((name) => Object.assign(new Error(secret), { name })),
    )
    fc.assert(
      fc.property(thrown, (reason) => {
        const document = JSON.stringify(errorDocument(AtlasError.from(reason)))
        expect(document).not.toContain(secret)
        expect(document).not.toContain('stack')
      }),
    )
  })

  it('reads the abort of a signal as the caller going away', async () => {
    const controller = new AbortController()
    const waiting = new Promise((_, reject) =>
      controller.signal.addEventListener('abort', () => reject(controller.signal.reason)),
    )
    controller.abort()
    const { setTimeout: sleep } = await import('node:timers/promises')
    const reasons = await Promise.allSettled([waiting, sleep(1000, 0, { signal: controller.signal })])
    expect(reasons).toHaveLength(2)
    for (const outcome of reasons)
      if (outcome.status === 'rejected') expect(AtlasError.from(outcome.reason).code).toBe('canceled')
      else throw new Error('did not abort')
  })

  it('reads a timeout of a signal as the deadline, as the web and as Node throw it', async () => {
    const signal = AbortSignal.abort(new DOMException('took too long', 'TimeoutError'))
    const { setTimeout: sleep } = await import('node:timers/promises')
    const [outcome] = await Promise.allSettled([sleep(1000, 0, { signal })])
    if (outcome.status !== 'rejected') throw new Error('did not abort')
    expect(outcome.reason.name).toBe('AbortError')
    expect(AtlasError.from(outcome.reason).code).toBe('deadline_exceeded')
    expect(AtlasError.from(signal.reason).code).toBe('deadline_exceeded')
  })

  it("does not take another library's TimeoutError for the caller's deadline", () => {
    const thrown = Object.assign(new Error('pool is full'), { name: 'TimeoutError' })
    expect(AtlasError.from(thrown).code).toBe('internal')
  })
})

describe('wrong input', () => {
  const schema = z.object({
    name: z.string().min(3),
    address: z.object({ lines: z.array(z.string()) }),
    labels: z.record(z.string(), z.int()),
  })

  it('names the path of every issue', () => {
    const parsed = schema.safeParse({
      name: 'a',
      address: { lines: ['x', 1] },
      labels: { 'a b': 'x', ok: 0.5 },
    })
    expect(issuesOf(parsed.error!).map((issue) => issue.path)).toEqual([
      'name',
      'address.lines[1]',
      'labels["a b"]',
      'labels.ok',
    ])
    const whole = schema.safeParse('x')
    expect(issuesOf(whole.error!)).toEqual([
      { path: '', message: 'Invalid input: expected object, received string' },
    ])
  })

  it('is an invalid_argument whose message says the first issue and how many more', () => {
    const parsed = schema.safeParse({ address: { lines: [] }, labels: {} })
    const one = invalidInput(issuesOf(parsed.error!))
    expect(one).toMatchObject({ code: 'invalid_argument', httpStatus: 400 })
    expect(one.message).toBe('name: Invalid input: expected string, received undefined')
    expect(invalidInput([...one.data.issues, ...one.data.issues]).message).toMatch(/ \(and 1 more\)$/)
    expect(invalidInput([{ path: '', message: 'not an object' }]).message).toBe('not an object')
    expect(invalidInput([]).message).toBe('invalid input')
  })

  it('carries a hundred issues at most, and says how many there are', () => {
    const parsed = z.array(z.string()).safeParse(Array.from({ length: 5000 }, () => 1))
    const many = invalidInput(issuesOf(parsed.error!))
    expect(many.data.issues).toHaveLength(100)
    expect(many.message).toMatch(/^\[0\]: .* \(and 4999 more\)$/)
  })
})

describe('documents', () => {
  it('have a kind and data where the error has them, and never a cause', () => {
    const full = new AtlasError('resource_exhausted', 'full', {
      kind: 'full',
      data: { quotaBytes: 0 },
      cause: new Error('hunter2'),
    })
    expect(errorDocument(full)).toEqual({
      code: 'resource_exhausted',
      message: 'full',
      kind: 'full',
      data: { quotaBytes: 0 },
    })
    expect(Object.keys(errorDocument(new AtlasError('internal', 'x')))).toEqual(['code', 'message'])
  })

  it('are of the declared shape', () => {
    const spec = error('resource_exhausted', { quotaBytes: z.int() })
    expect(spec.code).toBe('resource_exhausted')
    expect(spec.data.parse({ quotaBytes: 5 })).toEqual({ quotaBytes: 5 })
    expect(error('not_found').data.parse({})).toEqual({})
  })
})
