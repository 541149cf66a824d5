import type { Client } from '@atlas/client'
import { AtlasError, byteStream } from '@atlas/contract'
import { afterAll, beforeAll, beforeEach, describe, expect, expectTypeOf, it, vi } from 'vitest'
import { events, ledgerServlet, notes, notesServlet } from './fixtures/notes.ts'
import { type Opened, open, ways } from './fixtures/way.ts'

describe.each(ways)('a servlet called %s', (way) => {
  let opened: Opened
  let client: Client<typeof notes>
  beforeAll(async () => {
    opened = await open(way, [notesServlet, ledgerServlet])
    client = opened.client(notes)
  })
  afterAll(() => opened.close())
  beforeEach(() => {
    events.length = 0
    opened.errors.length = 0
  })

  describe('input and output', () => {
    it('travel in path and body, with defaults and types', async () => {
      const made = await client.create({ folder: 'a b/ü', title: 'T', place: { row: 1, column: 2 } })
      expectTypeOf(made.stars).toEqualTypeOf<number>()
      expect(made).toEqual({
        folder: 'a b/ü',
        title: 'T',
        stars: 3,
        tags: [],
        place: { row: 1, column: 2 },
      })
    })

    it('travel in the query, as the types that the contract says', async () => {
      const { seen } = await client.find({
        text: '1',
        limit: 7,
        deep: true,
        colour: 'green',
        ids: [1, -2],
        weight: 0.1,
      })
      expect(JSON.parse(seen)).toEqual({
        text: '1',
        limit: 7,
        deep: true,
        colour: 'green',
        ids: [1, -2],
        weight: 0.1,
      })
    })

    it('have defaults for everything absent', async () => {
      expect(JSON.parse((await client.find()).seen)).toEqual({ limit: 10, deep: false, ids: [] })
    })

    it('lose fields that the contract does not have', async () => {
      const input = { folder: 'f', title: 'T', admin: true }
      expect(await client.create(input)).not.toHaveProperty('admin')
    })

    it('are refused with every issue at once', async () => {
      const error = await failureOf(client.create({ folder: 'f', title: '', stars: 0.5 }))
      expect(error).toMatchObject({ code: 'invalid_argument', httpStatus: 400 })
      expect(error.data).toEqual({
        issues: [
          { path: 'title', message: expect.any(String) },
          { path: 'stars', message: expect.any(String) },
        ],
      })
    })

    it('are refused in the query', async () => {
      const error = await failureOf(client.find({ limit: 101 }))
      expect(error.message).toMatch(/^limit: /)
    })

    it.each([
      ['numbers at the edge of what is safe', { limit: 100, ids: [Number.MAX_SAFE_INTEGER, -1] }],
      ['numbers with exponents', { weight: 1.5e300 }],
      ['small numbers', { weight: 5e-324 }],
    ])('keep %s', async (_name, input) => {
      expect(JSON.parse((await client.find(input)).seen)).toMatchObject(input)
    })

    it.each([2 ** 60, Number.NaN, Number.POSITIVE_INFINITY])('refuse %d as an integer', async (stars) => {
      expect(await failureOf(client.create({ folder: 'f', title: 'T', stars }))).toMatchObject({
        code: 'invalid_argument',
      })
    })

    it.each([
      'a/b',
      '100%',
      '%2F',
      'a+b c',
      '?x=1&y=2',
      '#top',
      ';a=b',
      'ünïcödé',
      '日本語',
      '👩‍👩‍👧',
      '\u0000',
      '\r\nx: y',
      '"quoted"',
      '\\',
      '...',
      '__proto__',
    ])('keep %j in path and query', async (text) => {
      expect(await client.echo({ text, also: text })).toEqual({ text, also: text })
    })

    it.each(['a', 'a/b/c', 'a//b', '/a', 'a/', 'ü/ö%', '.hidden/..x'])(
      'keep %j as the rest of a path',
      async (path) => {
        expect(await client.echoRest({ path })).toEqual({ path })
      },
    )

    it.each(['', '.', '..'])('refuse %j, which no path can carry', async (text) => {
      expect(await failureOf(client.echo({ text }))).toMatchObject({ code: 'invalid_argument' })
    })

    it.each(['a/../b', './a', 'a/.'])('refuse %j as the rest of a path', async (path) => {
      expect(await failureOf(client.echoRest({ path }))).toMatchObject({ code: 'invalid_argument' })
    })

    it('tell an empty text from an absent one', async () => {
      expect(JSON.parse((await client.find({ text: '' })).seen)).toHaveProperty('text', '')
    })
  })

  describe('errors', () => {
    it('are typed by the contract', async () => {
      const failed = await client.fail.result({ how: 'full' })
      if (failed.ok) throw new Error('it must fail')
      if (failed.error.kind === 'full')
        expectTypeOf(failed.error.data).toEqualTypeOf<{ quotaBytes: number }>()
      expect(failed.error).toMatchObject({
        code: 'resource_exhausted',
        kind: 'full',
        message: 'no room left',
        data: { quotaBytes: 10 },
        httpStatus: 429,
      })
    })

    it('without data are typed too, with words of their own', async () => {
      const failed = await client.fail.result({ how: 'gone' })
      expect(failed).toMatchObject({ ok: false, error: { code: 'not_found', kind: 'gone', message: 'gone' } })
    })

    it('without a kind arrive with their data', async () => {
      expect(await failureOf(client.fail({ how: 'plain' }))).toMatchObject({
        code: 'aborted',
        kind: undefined,
        message: 'somebody was faster',
        data: { by: 'bob' },
        httpStatus: 409,
      })
    })

    it.each(['undeclared', 'crash', 'string'])(
      'that the contract does not have say nothing (%s)',
      async (how) => {
        const error = await failureOf(client.fail({ how }))
        expect(error).toMatchObject({ code: 'internal', message: 'internal error', httpStatus: 500 })
        expect(error.kind).toBeUndefined()
        expect(error.data).toBeUndefined()
        expect(error.cause).toBeUndefined()
        expect(JSON.stringify(error)).not.toMatch(/hunter2|secret/)
        expect(opened.errors).toHaveLength(1)
      },
    )

    it('are values of the caller, not of the callee', async () => {
      const [one, two] = [
        await failureOf(client.fail({ how: 'plain' })),
        await failureOf(client.fail({ how: 'plain' })),
      ]
      expect(one.data).not.toBe(two.data)
    })
  })

  describe('calls to another servlet', () => {
    it('answer', async () => {
      expect(await client.take({ amount: 30 })).toEqual({ left: 70 })
    })

    it('have typed errors as values', async () => {
      expect(await client.take({ amount: 500 })).toEqual({ left: -100 })
    })

    it('whose error is about the call pass it on', async () => {
      expect(await failureOf(client.take({ amount: 429 }))).toMatchObject({
        code: 'resource_exhausted',
        message: 'ledger.take: slow down',
      })
    })

    it.each([404, 101])('whose error is about something else do not (%d)', async (amount) => {
      expect(await failureOf(client.take({ amount }))).toMatchObject({
        code: 'internal',
        message: 'internal error',
        kind: undefined,
        data: undefined,
      })
    })
  })

  describe('access', () => {
    it('of users is for those signed in', async () => {
      expect(await failureOf(client.me())).toMatchObject({ code: 'unauthenticated', httpStatus: 401 })
      expect(await opened.client(notes, { user: 'ada' }).me()).toEqual({ id: 'ada' })
    })

    it('of the public may know who is signed in', async () => {
      expect(await client.whoever()).toEqual({})
      expect(await opened.client(notes, { user: 'ada' }).whoever()).toEqual({ id: 'ada' })
    })

    it('of servlets is for servlets', async () => {
      expect(await failureOf(client.inside())).toMatchObject({ code: 'permission_denied', httpStatus: 403 })
      expect(await opened.client(notes, { servlet: 'shop' }).inside()).toEqual({ caller: 'shop' })
    })

    it('of servlets on behalf of a user', async () => {
      const both = opened.client(notes, { servlet: 'shop', user: 'ada' })
      expect(await both.me()).toEqual({ id: 'ada', caller: 'shop' })
    })
  })

  describe('time', () => {
    it.each([true, false])('that runs out ends the call, whether the handler heeds it: %s', async (heed) => {
      expect(await failureOf(client.wait({ heed }, { timeoutMs: 50 }))).toMatchObject({
        code: 'deadline_exceeded',
        message: 'the deadline passed',
      })
      // Over a network the caller's own clock may be the first to stop it.
      if (heed)
        await vi.waitFor(
          () => expect(events).toEqual([expect.stringMatching(/^stopped: (deadline_exceeded|canceled)$/)]),
          { timeout: 15_000 },
        )
    })

    it('is up to the caller: a cancelled call stops its handler', async () => {
      const controller = new AbortController()
      const failed = failureOf(client.wait({ heed: true }, { signal: controller.signal }))
      setTimeout(() => controller.abort(), 50)
      expect(await failed).toMatchObject({ code: 'canceled' })
      await vi.waitFor(() => expect(events).toEqual(['stopped: canceled']), { timeout: 15_000 })
    })
  })

  describe('streams', () => {
    it('give every item', async () => {
      expect(await collect(client.count({ to: 3 }))).toEqual([{ n: 1 }, { n: 2 }, { n: 3 }])
      expect(events).toEqual(['returned'])
    })

    it('may be empty', async () => {
      expect(await collect(client.count({ to: 0 }))).toEqual([])
    })

    it('end when the caller leaves', async () => {
      for await (const { n } of client.count({ to: 1_000_000_000 })) if (n === 3) break
      await vi.waitFor(() => expect(events).toEqual(['returned']), { timeout: 15_000 })
    })

    it('fail with typed errors before their first item', async () => {
      expect(await failureOf(collect(client.count({ to: 3, failAt: 1 })))).toMatchObject({
        code: 'unavailable',
        kind: 'stuck',
        data: { at: 1 },
      })
    })

    it('fail with typed errors after some items', async () => {
      const seen: number[] = []
      const failed = failureOf(
        (async () => {
          for await (const { n } of client.count({ to: 3, failAt: 3 })) seen.push(n)
        })(),
      )
      expect(await failed).toMatchObject({ kind: 'stuck', data: { at: 3 } })
      expect(seen).toEqual([1, 2])
    })

    it('fail with nothing to see when an item is not what the contract says', async () => {
      expect(await failureOf(collect(client.count({ to: 3, wrongAt: 2 })))).toMatchObject({
        code: 'internal',
        message: 'internal error',
      })
      expect(opened.errors).toHaveLength(1)
    })

    it('refuse wrong input', async () => {
      expect(await failureOf(collect(client.count({ to: 0.5 })))).toMatchObject({
        code: 'invalid_argument',
      })
    })
  })

  describe('bytes', () => {
    it('go up with their type, their size and other fields', async () => {
      expect(await client.upload({ path: 'a/ü.txt', note: 'x y', body: 'Grüße' })).toEqual({
        path: 'a/ü.txt',
        note: 'x y',
        type: 'text/plain; charset=utf-8',
        sizeBytes: 7,
        known: 7,
      })
    })

    it('go up without a size', async () => {
      const body = byteStream(ReadableStream.from([new Uint8Array(300), new Uint8Array(300)]), {
        contentType: 'image/png',
      })
      expect(await client.upload({ path: 'p', body })).toEqual({
        path: 'p',
        type: 'image/png',
        sizeBytes: 600,
      })
    })

    it('may be empty', async () => {
      const body = byteStream(new Uint8Array(), { contentType: 'image/png' })
      expect(await client.upload({ path: 'p', body })).toMatchObject({ type: 'image/png', sizeBytes: 0 })
    })

    it('of another type are refused', async () => {
      expect(
        await failureOf(
          client.upload({ path: 'p', body: byteStream(new Uint8Array(3), { contentType: 'text/html' }) }),
        ),
      ).toMatchObject({
        code: 'invalid_argument',
        message: 'the body is text/html, this takes text/plain, image/*',
        httpStatus: 415,
      })
    })

    it('above their size are refused, known beforehand', async () => {
      expect(await failureOf(client.upload({ path: 'p', body: 'x'.repeat(1001) }))).toMatchObject({
        code: 'resource_exhausted',
        message: 'the body is larger than 1000 bytes',
        httpStatus: 413,
      })
    })

    it('above their size are refused while they are read', async () => {
      const body = byteStream(ReadableStream.from(Array(20).fill(new Uint8Array(100))), {
        contentType: 'image/png',
      })
      expect(await failureOf(client.upload({ path: 'p', body }))).toMatchObject({
        code: 'resource_exhausted',
        httpStatus: 413,
      })
    })

    it('need not be read by the handler', async () => {
      expect(await client.upload({ path: 'p', body: 'x'.repeat(900), read: false })).toMatchObject({
        sizeBytes: 0,
      })
      expect(await client.upload({ path: 'p', body: 'next' })).toMatchObject({ sizeBytes: 4 })
    })

    it('come down with their type and size', async () => {
      const text = await client.download({ how: 'text' })
      expect([text.contentType, text.sizeBytes]).toEqual(['text/plain; charset=utf-8', 7])
      expect(await new Response(text).text()).toBe('Grüße')
      const binary = await client.download({ how: 'binary' })
      expect(binary.contentType).toBe('image/png')
      expect(new Uint8Array(await new Response(binary).arrayBuffer())).toEqual(new Uint8Array([0, 255, 10]))
    })

    it('come down empty', async () => {
      expect(await new Response(await client.download({ how: 'empty' })).text()).toBe('')
    })

    it('fail with typed errors before they begin', async () => {
      expect(await client.download.result({ how: 'early' })).toMatchObject({
        ok: false,
        error: { kind: 'gone' },
      })
    })

    it('break when they fail later, with nothing of the reason but a log of it', async () => {
      const broken = await client.download({ how: 'late' })
      const failed = await new Response(broken).text().then(
        () => undefined,
        (error: unknown) => error as Error,
      )
      expect(failed).toBeInstanceOf(Error)
    })
  })
})

async function failureOf(call: Promise<unknown>): Promise<AtlasError> {
  try {
    await call
  } catch (error) {
    expect(error).toBeInstanceOf(AtlasError)
    return error as AtlasError
  }
  throw new Error('the call must fail')
}

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = []
  for await (const item of items) all.push(item)
  return all
}
