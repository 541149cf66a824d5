import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, it } from 'vitest'
import { secondsOf } from './duration.ts'
import { together, usageFrom, usageIn } from './recorded-usage.ts'

const metrics = `
# HELP atlas_client_requests_total Calls to other servlets that are over.
atlas_client_requests_total{servlet="links",callee="greeter",endpoint="greet",protocol="http",code="ok"} 9
atlas_client_requests_total{servlet="links",callee="greeter",endpoint="greet",protocol="http",code="not_found"} 2
atlas_client_requests_total{servlet="links",callee="greeter",endpoint="wave",protocol="http",code="ok"} 0
atlas_client_requests_total{servlet="links",callee="files",endpoint="greet",protocol="http",code="ok"} 5
atlas_server_requests_total{servlet="greeter",endpoint="greet",protocol="http",code="ok"} 500
process_start_time_seconds 1000
`

describe('usageIn', () => {
  it('adds up what each caller called of a servlet, however it ended', () => {
    const { since, calls } = usageIn(metrics, 'greeter', 'http://a')
    expect(since).toBe('1970-01-01T00:16:40.000Z')
    expect(calls).toEqual(new Map([['links', new Map([['greet', 11]])]]))
  })
})

describe('together', () => {
  it('adds what several counted, since the first of them', () => {
    const later = usageIn(metrics.replace('seconds 1000', 'seconds 2000'), 'greeter', 'http://b')
    const both = together([later, usageIn(metrics, 'greeter', 'http://a')])
    expect(both).toMatchObject({ sources: ['http://b', 'http://a'], since: '1970-01-01T00:16:40.000Z' })
    expect(both?.calls.get('links')?.get('greet')).toBe(22)
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
