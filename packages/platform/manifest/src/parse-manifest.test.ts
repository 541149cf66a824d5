import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { writtenManifests } from './fixtures/written-manifests.ts'
import type { ManifestKind } from './kinds.ts'
import { checkManifest, parseManifest } from './parse-manifest.ts'

const kinds: ManifestKind[] = ['servlet', 'library', 'environment', 'teams']

/** The findings about a servlet.json, as `path: message. remedy`. */
function complaints(value: unknown): string[] {
  return checkManifest('servlet', value, 'servlet.json').findings.map(
    ({ path, message, remedy }) => `${path}: ${message}. ${remedy}`,
  )
}

describe('a servlet.json', () => {
  it('needs an owner and nothing else', () => {
    const parsed = parseManifest('servlet', '{ "owner": "web" }', 'servlet.json')
    expect(parsed).toEqual({
      ok: true,
      findings: [],
      value: {
        owner: 'web',
        description: '',
        stores: {},
        config: {},
        secrets: {},
        objectives: { availabilityPercent: 99.9, latencyMs: { p99: 1000 } },
        limits: { cpu: '250m', memory: '256Mi', replicas: { min: 2, max: 10 } },
        rollout: { canary: true, rampMinutes: 10 },
        callers: ['*'],
      },
    })
  })

  it('says one thing to do with a canary that cannot be judged', () => {
    const rollout = (whenUndecided: object) => complaints({ owner: 'web', rollout: { whenUndecided } })
    expect(rollout({ hold: {} })).toEqual([])
    expect(rollout({ probe: { calls: [{ endpoint: 'list' }] } })).toEqual([])
    expect(rollout({})).toEqual([
      'rollout.whenUndecided: says nothing to do. write { "extend": {} } or { "hold": {} } or { "promote": {} } or { "probe": {} }',
    ])
    expect(rollout({ hold: {}, extend: {} })).toEqual([
      'rollout.whenUndecided: is extend and hold at once; one thing is done. leave one of them',
    ])
  })

  it('gets the defaults of a store', () => {
    const parsed = checkManifest(
      'servlet',
      { owner: 'web', stores: { tree: { postgres: {} }, a: { blobs: {} } } },
      'f',
    )
    expect(parsed).toMatchObject({
      ok: true,
      value: { stores: { tree: { postgres: { maxConnections: 10 } }, a: { blobs: {} } } },
    })
  })

  it('hears of all its problems at once, each with its field and a remedy', () => {
    const broken = {
      stores: { a: { postgress: {} }, b: {}, c: { postgres: {}, blobs: {} } },
      config: { a: null },
      limits: { cpu: '250', memory: '256m', replicas: { min: 11 } },
      callers: ['*', 'Bad'],
      rollout: { canary: 'yes' },
      objectives: { latencyMs: { p50: 2000 }, availabilityPercent: 100 },
      confg: {},
    }
    expect(complaints(broken)).toEqual([
      `callers.1: 'Bad' is not a servlet name. write it as in "file-links"`,
      `confg: 'confg' is not a field here. rename it to 'config', or remove it`,
      'config.a: is null, which says nothing about the type of the value. give a default of the type that the value has, such as "", 0, false, [] or {}',
      `limits.cpu: '250' is more cores than a machine has to give. thousandths of a core end in m, as in 250m`,
      `limits.memory: '256m' is not an amount of memory in Mi or Gi. write it as in "256Mi"`,
      'limits.replicas.min: is 11, more than max, which is 10. raise max to 11, or lower min',
      'objectives.availabilityPercent: must be less than 100. correct it, or leave it out for 99.9',
      'objectives.latencyMs.p50: is greater than p99, which is 1000. make p50 smaller, or p99 greater',
      `owner: 'owner' is missing. add 'owner', as in "web"`,
      'rollout.canary: must be a boolean, and is a string. correct it, or leave it out for true',
      `stores.a.postgress: 'postgress' is not a field here. rename it to 'postgres', or remove it`,
      'stores.b: names no kind of store. write { "postgres": {} } or { "blobs": {} }',
      'stores.c: is postgres and blobs at once; a store has one kind. make it two stores',
    ])
  })

  it('lists the fields where no name is near', () => {
    expect(complaints({ owner: 'web', limits: { gpu: 1 } })).toEqual([
      `limits.gpu: 'gpu' is not a field here. rename it to 'cpu', or remove it`,
    ])
    expect(complaints({ owner: 'web', rollout: { percentage: 1 } })).toEqual([
      `rollout.percentage: 'percentage' is not a field here. remove it; the fields here are canary, rampMinutes, whenUndecided`,
    ])
  })

  it.each(['then', 'constructor', 'hasOwnProperty', 'toString', 'prototype'])(
    'may not call a store %s, which every object has',
    (name) => {
      expect(complaints({ owner: 'web', stores: { [name]: { blobs: {} } } })).toEqual([
        `stores.${name}: '${name}' means something on every JavaScript object. use another name`,
      ])
    },
  )

  it('may not have two names that differ in case only', () => {
    expect(complaints({ owner: 'web', secrets: { apiKey: 'a', apikey: 'b' } })).toEqual([
      `secrets.apikey: 'apikey' differs from 'apiKey' in case only. rename one of them`,
    ])
  })

  it.each([
    { name: 'an array', value: [], said: 'must be an object, and is an array' },
    { name: 'null', value: null, said: 'must be an object, and is null' },
    { name: 'a string', value: 'web', said: 'must be an object, and is a string' },
  ])('is an object, not $name', ({ value, said }) => {
    expect(checkManifest('servlet', value, 'f').findings).toMatchObject([{ path: '', message: said }])
  })
})

describe('an environment', () => {
  it('is complete when empty', () => {
    expect(parseManifest('environment', '{}', 'e.json')).toEqual({
      ok: true,
      findings: [],
      value: {
        domain: 'localhost',
        prometheus: 'http://prometheus.monitoring:9090',
        gateway: { service: 'LoadBalancer' },
        brings: [],
        addons: {},
        groups: {},
        defaults: {},
        config: {},
        pins: {},
        freezes: {},
      },
    })
  })

  it('refuses dates that no calendar has', () => {
    const parsed = checkManifest(
      'environment',
      { freezes: { '*': { reason: 'sales', until: '2026-02-30' } } },
      'e',
    )
    expect(parsed.findings).toMatchObject([
      { path: 'freezes.*.until', message: "'2026-02-30' is not a date" },
    ])
  })
})

describe.each(kinds)('any %s file', (kind) => {
  it('that is valid comes back as it is once its defaults are filled in', () => {
    fc.assert(
      fc.property(writtenManifests[kind], (written) => {
        const first = parseManifest(kind, JSON.stringify(written), 'f.json')
        if (!first.ok) throw new Error(JSON.stringify(first.findings))
        expect(first.value).toMatchObject(written)
        expect(parseManifest(kind, JSON.stringify(first.value), 'f.json')).toEqual(first)
      }),
    )
  })

  it('never makes the parser throw, whatever JSON it is', () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        for (const { file, message, remedy } of parseManifest(kind, text, 'f.json').findings)
          expect([file, message.length > 0, remedy.length > 0]).toEqual(['f.json', true, true])
      }),
    )
  })

  it('never makes the parser throw when one part of a valid file is replaced by something else', () => {
    fc.assert(
      fc.property(writtenManifests[kind], fc.nat(), fc.jsonValue(), (written, at, value) => {
        const keys = Object.keys(written)
        const changed = keys.length === 0 ? value : { ...written, [keys[at % keys.length]!]: value }
        const parsed = parseManifest(kind, JSON.stringify(changed), 'f.json')
        expect(parsed.ok || parsed.findings.length > 0).toBe(true)
      }),
    )
  })
})
