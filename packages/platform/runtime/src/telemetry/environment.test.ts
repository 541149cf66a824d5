import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readEnvironment } from './environment.ts'

const endpoint = 'http://collector:4318'

describe('the variables of OpenTelemetry', () => {
  it('are not needed: nothing is exported, and a hundredth of the traces would be', () => {
    expect(readEnvironment({})).toEqual({
      exporter: undefined,
      sampling: { ratio: 0.01, parentBased: true },
      resource: {},
      queueSize: 2048,
      batchSize: 512,
      delayMs: 5000,
      exportTimeoutMs: 30_000,
      problems: [],
    })
  })

  it.each<[string, Record<string, string>, string]>([
    ['a collector', { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint }, `${endpoint}/v1/traces`],
    ['one with a path', { OTEL_EXPORTER_OTLP_ENDPOINT: `${endpoint}/otlp/` }, `${endpoint}/otlp/v1/traces`],
    ['one for traces, as it is', { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: `${endpoint}/x` }, `${endpoint}/x`],
    ['the default, when asked for', { OTEL_TRACES_EXPORTER: 'otlp' }, 'http://localhost:4318/v1/traces'],
  ])('name %s', (_, variables, url) => {
    const { exporter, problems } = readEnvironment(variables)
    expect(exporter?.url.href).toBe(url)
    expect(exporter?.protocol).toBe('http/protobuf')
    expect(problems).toEqual([])
  })

  it('can switch export off', () => {
    for (const more of [{ OTEL_SDK_DISABLED: 'TRUE' }, { OTEL_TRACES_EXPORTER: 'none' }]) {
      const { exporter, problems } = readEnvironment({ OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, ...more })
      expect([exporter, problems]).toEqual([undefined, []])
    }
  })

  it('say how, those for traces before those for all', () => {
    const { exporter } = readEnvironment({
      OTEL_EXPORTER_OTLP_ENDPOINT: endpoint,
      OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc',
      OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: 'http/json',
      OTEL_EXPORTER_OTLP_HEADERS: 'x-key=a%20b, x-tenant = acme',
      OTEL_EXPORTER_OTLP_COMPRESSION: 'gzip',
      OTEL_EXPORTER_OTLP_TIMEOUT: '100',
    })
    expect(exporter).toMatchObject({
      protocol: 'http/json',
      headers: { 'x-key': 'a b', 'x-tenant': 'acme' },
      compress: true,
      requestTimeoutMs: 100,
    })
  })

  it.each([
    ['always_on', { ratio: 1, parentBased: false }],
    ['always_off', { ratio: 0, parentBased: false }],
    ['traceidratio', { ratio: 0.25, parentBased: false }],
    ['parentbased_always_on', { ratio: 1, parentBased: true }],
    ['parentbased_always_off', { ratio: 0, parentBased: true }],
    ['parentbased_traceidratio', { ratio: 0.25, parentBased: true }],
  ])('sample by %s', (name, sampling) => {
    const variables = { OTEL_TRACES_SAMPLER: name, OTEL_TRACES_SAMPLER_ARG: '0.25' }
    expect(readEnvironment(variables)).toMatchObject({ sampling, problems: [] })
  })

  it('name the service, and what else is known of it', () => {
    const { resource } = readEnvironment({
      OTEL_RESOURCE_ATTRIBUTES: 'service.name=other,deployment.environment.name=a%2Cb',
      OTEL_SERVICE_NAME: 'files',
    })
    expect(resource).toEqual({ 'service.name': 'files', 'deployment.environment.name': 'a,b' })
  })

  it.each<[Record<string, string>, RegExp]>([
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: 'collector:4318' }, /is not an http or https URL/],
    [
      { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' },
      /there are http\/protobuf and/,
    ],
    [{ OTEL_TRACES_EXPORTER: 'zipkin' }, /there are otlp and none/],
    [{ OTEL_TRACES_SAMPLER: 'xray' }, /there are always_on/],
    [{ OTEL_TRACES_SAMPLER: 'traceidratio', OTEL_TRACES_SAMPLER_ARG: '1%' }, /not a number from 0 to 1/],
    [{ OTEL_BSP_MAX_QUEUE_SIZE: '0' }, /not a whole number from 1; 2048 is used/],
    [{ OTEL_RESOURCE_ATTRIBUTES: 'a' }, /is not a list of key=value/],
    [{ OTEL_RESOURCE_ATTRIBUTES: 'a=%' }, /is not a list of key=value/],
    [
      { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, OTEL_EXPORTER_OTLP_COMPRESSION: 'zstd' },
      /there are gzip and none/,
    ],
  ])('%o is a problem that is told', (variables, problem) => {
    expect(readEnvironment(variables).problems).toEqual([expect.stringMatching(problem)])
  })

  it('never make a process fail', () => {
    const names = ['ENDPOINT', 'PROTOCOL', 'HEADERS', 'TIMEOUT', 'COMPRESSION'].map(
      (name) => `OTEL_EXPORTER_OTLP_${name}`,
    )
    const more = [
      'OTEL_TRACES_SAMPLER',
      'OTEL_TRACES_SAMPLER_ARG',
      'OTEL_RESOURCE_ATTRIBUTES',
      'OTEL_BSP_SCHEDULE_DELAY',
    ]
    const value = fc.oneof(
      fc.string(),
      fc.constantFrom('grpc', endpoint, '-1', '1e9', 'a=b', 'a=%zz', 'http://'),
    )
    fc.assert(
      fc.property(fc.dictionary(fc.constantFrom(...names, ...more), value), (variables) => {
        const { batchSize, queueSize, sampling } = readEnvironment(variables)
        expect(batchSize).toBeLessThanOrEqual(queueSize)
        expect(sampling.ratio).toBeGreaterThanOrEqual(0)
      }),
    )
  })
})
