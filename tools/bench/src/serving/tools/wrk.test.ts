import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { invalidOrder, order } from '../cases.ts'
import { startServer } from '../servers.ts'
import { findWrk, readWrk } from './wrk.ts'

const wrk = await findWrk(tmpdir()).catch((error: Error) => error.message)
if (typeof wrk === 'string') console.warn(`not run: ${wrk}`)

it('reads what our script counted, beside what wrk prints', () => {
  const output = `Running 2s test @ http://127.0.0.1:8080/orders
  1 threads and 32 connections
  60000 requests in 2.00s, 30.00MB read
Requests/sec:  30000.00

counted {"requests":60000,"microseconds":2000000,"bytes":30000000,"status":3,"connect":1,"read":2,"write":3,"timeout":4}
`
  expect(readWrk(output)).toEqual({
    requests: 60_000,
    seconds: 2,
    notSuccessful: 3,
    failed: 10,
    bytesPerAnswer: 500,
  })
})

it('refuses output without counts', () => {
  expect(() => readWrk('unable to connect')).toThrow('wrk printed no counts in:\nunable to connect')
})

it.skipIf(typeof wrk === 'string')(
  'counts answers, and those that are no success',
  { timeout: 60_000 },
  async () => {
    const folder = await mkdtemp(join(tmpdir(), 'bench-wrk-'))
    const server = await startServer({ file: 'node-http.ts' })
    try {
      const found = await findWrk(folder)
      const bodyFile = join(folder, 'body')
      const target = {
        url: `http://127.0.0.1:${server.port}/orders`,
        headers: { 'content-type': 'application/json' },
        bodyFile,
      }
      await writeFile(bodyFile, JSON.stringify(order))
      const right = await found.run(target, 1)
      expect(right.requests).toBeGreaterThan(0)
      expect(right).toMatchObject({ notSuccessful: 0, failed: 0 })
      await writeFile(bodyFile, JSON.stringify(invalidOrder))
      const refused = await found.run(target, 1)
      expect(refused.requests).toBeGreaterThan(0)
      expect(refused.notSuccessful).toBe(refused.requests)
    } finally {
      await server.stop()
      await rm(folder, { recursive: true })
    }
  },
)
