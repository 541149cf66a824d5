import { AtlasError } from '@atlas/contract'
import { describe, expect, it } from 'vitest'
import type { Served } from '../routing-table.ts'
import { scraped } from './fixtures/scraped.ts'
import { Metrics } from './metrics/metrics.ts'
import { observedEndpoint } from './observed-endpoint.ts'
import { ObservedScope } from './observed-scope.ts'
import { type ObservedRequest, RequestTelemetry } from './request-telemetry.ts'
import { Tracer } from './tracing/tracer.ts'

class Scope extends ObservedScope {
  readonly caller = undefined
  readonly listener = 'internal'
}

function observing() {
  const metrics = new Metrics()
  const tracer = new Tracer({
    sampling: { ratio: 0, parentBased: true },
    ring: undefined,
    failuresPerSecond: 0,
  })
  const scope = { name: 'test', version: undefined }
  const telemetry = new RequestTelemetry((name) => observedEndpoint(metrics, tracer, scope, name), true)
  const counted = () =>
    scraped(metrics.expose('prometheus'))('atlas_server_requests_total')
      .filter(({ value }) => value > 0)
      .map(({ labels, value }) => [...Object.values(labels), value].join(' '))
  return { telemetry, counted }
}

const request = (path: string, contentType?: string): ObservedRequest => ({
  path,
  headers: contentType === undefined ? {} : { 'content-type': contentType },
  scope: new Scope(),
})
const get: Served = { servlet: 'files', endpoint: 'get', headers: [] }
const mount = {
  servlet: 'files',
  endpoint: undefined,
  headers: [],
  mount: { prefix: '/legacy' },
} as unknown as Served
const health: Served = { servlet: 'platform', endpoint: undefined, headers: [] }

describe('requests', () => {
  it('count as what they are for, by their protocol', () => {
    const { telemetry, counted } = observing()
    for (const protocol of ['http', 'http', 'grpc'] as const) {
      const one = request('/files/a')
      telemetry.begin(one, get, protocol)
      telemetry.end(one, get, undefined, 200, 0, 0)
    }
    expect(counted()).toEqual(['files get http ok 2', 'files get grpc ok 1'])
  })

  it('of mounted apps count by the prefix, and by their status', () => {
    const { telemetry, counted } = observing()
    for (const status of [200, 302, 404, 500]) {
      const one = request('/legacy/secret')
      telemetry.begin(one, mount, 'http')
      telemetry.end(one, mount, undefined, status, 0, 0)
    }
    expect(counted()).toEqual([
      'files /legacy http ok 2',
      'files /legacy http not_found 1',
      'files /legacy http internal 1',
    ])
  })

  it('for nothing that is served count together, and are no failure', () => {
    const { telemetry, counted } = observing()
    const error = new AtlasError('unimplemented', 'nothing is served there', { httpStatus: 404 })
    for (const path of ['/wp-admin', '/.env']) telemetry.end(request(path), undefined, error, 404, 0, 0)
    const grpc = new AtlasError('unimplemented', 'there is no method')
    telemetry.end(request('/a.A/B', 'application/grpc+proto'), undefined, grpc, 200, 0, 0)
    expect(counted()).toEqual(['unknown unknown http not_found 2', 'unknown unknown grpc unimplemented 1'])
  })

  it('whose caller went away before an answer are canceled', () => {
    const { telemetry, counted } = observing()
    const one = request('/files/a')
    telemetry.begin(one, get, 'http')
    telemetry.end(one, get, new AtlasError('canceled', 'the caller went away'), 0, 0, 0)
    expect(counted()).toEqual(['files get http canceled 1'])
  })

  it('of probes and scrapers are not counted', () => {
    const { telemetry, counted } = observing()
    telemetry.end(request('/-/ready'), undefined, undefined, 200, 0, 0)
    const one = request('/grpc.health.v1.Health/Check', 'application/grpc')
    telemetry.begin(one, health, 'grpc')
    telemetry.end(one, health, undefined, 200, 0, 0)
    expect(counted()).toEqual([])
  })
})
