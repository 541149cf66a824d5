import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { cases, order } from '../cases.ts'
import { exchange } from '../exchange.ts'
import { startServer } from '../servers.ts'
import { findH2load, readH2load } from './h2load.ts'

const h2load = await findH2load().catch((error: Error) => error.message)
if (typeof h2load === 'string') console.warn(`not run: ${h2load}`)

const output = `starting benchmark...
Main benchmark duration is over for thread #0. Stopping all clients.

finished in 2.00s, 12345.50 req/s, 5.44MB/s
requests: 24691 total, 24755 started, 24691 done, 24681 succeeded, 10 failed, 2 errored, 1 timeout
status codes: 24681 2xx, 0 3xx, 4 4xx, 6 5xx
traffic: 10.89MB (11419062) total, 193.11KB (197748) headers (space savings 96.10%), 10.42MB (10925327) data
                     min         max         mean         sd        +/- sd
time for request:      512us     20.00ms      5.00ms      1.00ms    90.00%
`

it('reads what h2load prints', () => {
  expect(readH2load(output, 2)).toEqual({
    requests: 24_691,
    seconds: 2,
    notSuccessful: 10,
    failed: 3,
    bytesPerAnswer: 10_925_327 / 24_691,
  })
})

it('says what is missing', () => {
  expect(() => readH2load('Could not resolve host', 2)).toThrow(/h2load printed no .*2xx.* in:\nCould not/)
})

it.skipIf(typeof h2load === 'string')(
  'counts answers over HTTP/2, byte for byte',
  { timeout: 60_000 },
  async () => {
    const folder = await mkdtemp(join(tmpdir(), 'bench-h2load-'))
    const { protocol, path, server: file } = cases.find(({ name }) => name === 'gRPC: Atlas')!
    const server = await startServer(file)
    try {
      const bodyFile = join(folder, 'body')
      const body = protocol.encode(order)
      await writeFile(bodyFile, body)
      const { headers } = protocol
      const { bytes } = await exchange({ httpVersion: 2, port: server.port, path, headers, body })
      const load = await (await findH2load()).run(
        { url: `http://127.0.0.1:${server.port}${path}`, headers, bodyFile },
        1,
      )
      expect(load.requests).toBeGreaterThan(0)
      expect(load).toMatchObject({ notSuccessful: 0, failed: 0, bytesPerAnswer: bytes })
    } finally {
      await server.stop()
      await rm(folder, { recursive: true })
    }
  },
)
