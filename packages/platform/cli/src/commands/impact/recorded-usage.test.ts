import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, it } from 'vitest'
import { secondsOf } from './duration.ts'
import { CallCounts, type RecordedUsage, together, usageFrom } from './recorded-usage.ts'

describe('together', () => {
  it('adds what several counted, since the first of them', () => {
    const counted = (url: string, since: string): RecordedUsage => {
      const calls = new CallCounts()
      calls.add('links', 'greet', 9)
      calls.add('links', 'greet', 2)
      calls.add('links', 'wave', 0)
      return { sources: [url], since, calls: calls.byCaller }
    }
    const [early, late] = ['1970-01-01T00:16:40.000Z', '1970-01-01T00:33:20.000Z']
    const both = together([counted('http://b', late), counted('http://a', early)])
    expect(both).toEqual({
      sources: ['http://b', 'http://a'],
      since: early,
      calls: new Map([['links', new Map([['greet', 22]])]]),
    })
    expect(together([])).toBeUndefined()
  })
})

describe('usageFrom', () => {
  it('says what answers in place of Prometheus, and that nothing does', async () => {
    const server = createServer((_request, response) => response.writeHead(404).end('no')).listen(
      0,
      '127.0.0.1',
    )
    await once(server, 'listening')
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    await expect(usageFrom(url, 'greeter', '30d')).rejects.toThrow(
      `${url} answers, and is no Prometheus (HTTP 404 at /api/v1/query)`,
    )
    server.close()
    await once(server, 'close')
    await expect(usageFrom(url, 'greeter', '30d')).rejects.toThrow(
      `no Prometheus answers at ${url} (ECONNREFUSED); reach that of a cluster with kubectl port-forward`,
    )
  })
})

it('reads durations', () => {
  expect([secondsOf('90s'), secondsOf('30d'), secondsOf('1y')]).toEqual([90, 2_592_000, 31_536_000])
  expect(['', '30', '0d', '1.5h', 'd'].map(secondsOf)).toEqual(Array(5).fill(Number.NaN))
})
