import { expect, it } from 'vitest'
import { trafficIn } from './measured-traffic.ts'

const metrics = `
# HELP atlas_server_requests_total Requests that are over.
atlas_server_requests_total{servlet="files",endpoint="list",protocol="http",code="ok"} 900
atlas_server_requests_total{servlet="files",endpoint="list",protocol="grpc",code="internal"} 3
atlas_server_requests_total{servlet="files",endpoint="stat",protocol="http",code="not_found"} 97
atlas_server_requests_total{servlet="greeter",endpoint="greet",protocol="http",code="ok"} 500
atlas_server_requests_total{servlet="quiet",endpoint="greet",protocol="http",code="ok"} 5
process_start_time_seconds 1000
`

it('adds up what was answered, and what failed by the fault of the servlet', () => {
  expect(trafficIn(metrics, 'files', 1100)).toEqual({ rps: 10, failureRate: 0.003 })
})

it('does not take no failure for no failures', () => {
  expect(trafficIn(metrics, 'greeter', 1100)).toEqual({ rps: 5, failureRate: 0.002 })
})

it('refuses too little traffic, with the way out', () => {
  expect(() => trafficIn(metrics, 'quiet', 1100)).toThrow(
    'answered 5 requests since the platform started, too few',
  )
  expect(() => trafficIn('', 'files', 1100)).toThrow('--rps and --failure-rate')
})
