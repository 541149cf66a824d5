import { drizzle } from 'drizzle-orm/node-postgres'
import { describe, expect, it } from 'vitest'
import { emptyDatabase } from '../fixtures/servers.ts'
import type { SlowQuery } from './call.ts'
import { openPostgres } from './open-postgres.ts'

describe('a pool', { timeout: 120_000 }, () => {
  it('answers in every form that pg has', async () => {
    await using database = await emptyDatabase()
    const pool = openPostgres({ url: database.url, store: 'links', maxConnections: 2 })
    const text = 'select $1::int as n'
    expect((await pool.query(text, [1])).rows).toEqual([{ n: 1 }])
    expect((await pool.query({ text, values: [2] })).rows).toEqual([{ n: 2 }])
    expect((await pool.query({ text, values: [3], rowMode: 'array' })).rows).toEqual([[3]])
    const called = await new Promise((resolve, reject) =>
      pool.query(text, [4], (error, result) => (error ? reject(error) : resolve(result.rows))),
    )
    expect(called).toEqual([{ n: 4 }])
    const client = await pool.connect()
    expect((await client.query('select 5 as n')).rows).toEqual([{ n: 5 }])
    client.release()
    const connected = await new Promise((resolve, reject) =>
      pool.connect((error, given, release) => {
        if (error || !given) return reject(error)
        given.query('select 6 as n', (failed, result) => {
          release()
          if (failed) reject(failed)
          else resolve(result.rows)
        })
      }),
    )
    expect(connected).toEqual([{ n: 6 }])
    await expect(pool.query('selct')).rejects.toMatchObject({ code: '42601', severity: 'ERROR' })
    expect(pool.totalCount).toBeLessThanOrEqual(2)
    await pool.end()
  })

  it('is one that drizzle takes for a pool: a transaction has a connection of its own', async () => {
    await using database = await emptyDatabase()
    const pool = openPostgres({ url: database.url, store: 'links', maxConnections: 2 })
    const db = drizzle({ client: pool })
    await db.execute('create table a (id int)')
    const outcome = db.transaction(async (tx) => {
      await tx.execute('insert into a values (1)')
      expect((await db.execute('select * from a')).rows).toEqual([])
      throw new Error('no')
    })
    await expect(outcome).rejects.toThrow('no')
    expect((await db.execute('select * from a')).rows).toEqual([])
    await pool.end()
  })

  it('tells of slow queries, with where they came from and without their values', async () => {
    await using database = await emptyDatabase()
    const slow: SlowQuery[] = []
    const pool = openPostgres({
      ...{ url: database.url, store: 'links', maxConnections: 1, slowQueryMs: 50 },
      onSlowQuery: (query) => slow.push(query),
      call: () => ({ endpoint: 'create', traceId: 'abc' }),
    })
    await pool.query('select 1')
    slow.length = 0 // whatever a busy machine made slow
    await pool.query(`select pg_sleep(0.1), $1::text`, ['hunter2'])
    expect(slow).toMatchObject([
      { sql: 'select pg_sleep(0.1), $1::text', endpoint: 'create', traceId: 'abc' },
    ])
    expect(slow[0]!.durationMs).toBeGreaterThan(50)
    expect(JSON.stringify(slow)).not.toContain('hunter2')
    await pool.end()
  })

  it('cancels on the server what nobody waits for, and the connection is good for the next', async () => {
    await using database = await emptyDatabase()
    let signal: AbortSignal | undefined
    const pool = openPostgres({
      ...{ url: database.url, store: 'links', maxConnections: 1 },
      call: () => ({ signal }),
    })
    const { rows: before } = await pool.query('select pg_backend_pid() as pid')
    for (let round = 0; round < 10; round++) {
      const controller = new AbortController()
      signal = controller.signal
      const sleeping = pool.query('select pg_sleep(60)')
      setTimeout(() => controller.abort(), 20)
      await expect(sleeping).rejects.toMatchObject({ code: 'canceled' })
      signal = undefined
      expect((await pool.query('select pg_backend_pid() as pid')).rows).toEqual(before)
    }
    await pool.end()
  })

  it('rolls back a transaction whose caller is gone', async () => {
    await using database = await emptyDatabase()
    let signal: AbortSignal | undefined
    const pool = openPostgres({
      ...{ url: database.url, store: 'links', maxConnections: 1 },
      call: () => ({ signal }),
    })
    const db = drizzle({ client: pool })
    await db.execute('create table a (id int)')
    const controller = new AbortController()
    signal = controller.signal
    const outcome = db.transaction(async (tx) => {
      await tx.execute('insert into a values (1)')
      controller.abort()
      await tx.execute('insert into a values (2)')
    })
    await expect(outcome).rejects.toMatchObject({ cause: { code: 'canceled' } })
    signal = undefined
    expect((await db.execute('select * from a')).rows).toEqual([])
    await pool.end()
  })

  it('survives the end of a connection between two queries of a transaction', async () => {
    await using database = await emptyDatabase()
    const pool = openPostgres({ url: database.url, store: 'links', maxConnections: 2 })
    const client = await pool.connect()
    await client.query('begin')
    const { rows } = await client.query('select pg_backend_pid() as pid')
    const ended = new Promise((done) => client.once('end', done))
    await pool.query('select pg_terminate_backend($1)', [rows[0].pid])
    await ended
    await expect(client.query('select 1')).rejects.toMatchObject({ code: 'unavailable' })
    client.release()
    expect((await pool.query('select 1 as n')).rows).toEqual([{ n: 1 }])
    expect(pool.totalCount).toBe(1)
    await pool.end()
  })

  it('keeps its connection after an error of a query', async () => {
    await using database = await emptyDatabase()
    const pool = openPostgres({ url: database.url, store: 'links', maxConnections: 1 })
    const { rows } = await pool.query('select pg_backend_pid() as pid')
    await expect(pool.query('selct')).rejects.toMatchObject({ code: '42601' })
    expect((await pool.query('select pg_backend_pid() as pid')).rows).toEqual(rows)
    await pool.end()
  })

  it('whose connections are all busy says so, and a caller that is gone stops waiting', async () => {
    await using database = await emptyDatabase()
    let signal: AbortSignal | undefined
    const pool = openPostgres({
      ...{ url: database.url, store: 'links', maxConnections: 1 },
      call: () => ({ signal }),
    })
    const only = await pool.connect()
    const waiting = pool.query('select 1')
    const controller = new AbortController()
    signal = controller.signal
    const leaving = pool.query('select 1')
    controller.abort()
    await expect(leaving).rejects.toMatchObject({ code: 'canceled' })
    await expect(waiting).rejects.toMatchObject({
      code: 'resource_exhausted',
      message: "all 1 connections of store 'links' were busy for 5 s",
    })
    signal = undefined
    only.release()
    expect((await pool.query('select 1 as n')).rows).toEqual([{ n: 1 }])
    await pool.end()
  })

  it('of a server that is away is unavailable, and tells nobody the URL', async () => {
    const pool = openPostgres({
      ...{ url: 'postgres://atlas:hunter2@127.0.0.1:9/a', store: 'links', maxConnections: 1 },
    })
    const error = await pool.query('select 1').catch((reason: unknown) => reason)
    expect(error).toMatchObject({ code: 'unavailable', message: "store 'links' cannot be reached now" })
    await expect(pool.connect()).rejects.toMatchObject({ code: 'unavailable' })
    await pool.end()
  })
})
