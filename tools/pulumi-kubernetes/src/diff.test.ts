import { expect, test } from 'vitest'
import { compare, isBelow, isIgnored, parsePath } from './diff.ts'
import { prune } from './prune.ts'
import type { Fields } from './values.ts'

/** What the provider compares: the live object, pruned to what the old inputs speak about, and the new inputs. */
function changes(live: Fields, oldInputs: Fields, newInputs: Fields): string[] {
  return compare(prune(live, oldInputs), newInputs, oldInputs).map(({ path, change }) => `${change} ${path}`)
}

const inputs = {
  spec: {
    minReadySeconds: 0,
    template: {
      spec: {
        hostNetwork: false,
        containers: [{ name: 'web', image: 'a', env: [{ name: 'A', value: '1' }] }],
      },
    },
  },
}
const live = {
  status: { replicas: 1 },
  spec: {
    replicas: 1,
    template: {
      spec: {
        dnsPolicy: 'ClusterFirst',
        containers: [
          { name: 'web', image: 'a', imagePullPolicy: 'Always', env: [{ name: 'A', value: '1' }] },
        ],
      },
    },
  },
}

test('sees no difference in defaults of the server, nor in what it leaves out because it is empty', () => {
  expect(changes(live, inputs, inputs)).toEqual([])
})

test('sees what the program changes', () => {
  const changed = structuredClone(inputs) as any
  changed.spec.template.spec.containers[0].image = 'b'
  changed.spec.replicas = 3
  delete changed.spec.template.spec.containers[0].env
  expect(changes(live, inputs, changed)).toEqual([
    'update spec.template.spec.containers[0].image',
    'delete spec.template.spec.containers[0].env',
    'add spec.replicas',
  ])
})

test('sees what another hand changed, and removed', () => {
  const drifted = structuredClone(live) as any
  drifted.spec.template.spec.containers[0].image = 'other'
  drifted.spec.template.spec.containers[0].env = []
  expect(changes(drifted, inputs, inputs)).toEqual([
    'update spec.template.spec.containers[0].image',
    'add spec.template.spec.containers[0].env[0]',
  ])
})

test('sees elements that another hand added, except where Kubernetes tells elements apart by name', () => {
  const route = { spec: { rules: [{ name: 'a' }] } }
  expect(changes({ spec: { rules: [{ name: 'a' }, { name: 'b' }] } }, route, route)).toEqual([
    'delete spec.rules[1]',
  ])
  const withSidecar = structuredClone(live) as any
  withSidecar.spec.template.spec.containers.unshift({ name: 'sidecar', image: 's' })
  expect(changes(withSidecar, inputs, inputs)).toEqual([])
})

test('writes keys with dots as Pulumi does, and reads them back', () => {
  const [difference] = compare({}, { metadata: { annotations: { 'a.b/c': 'x' } } }, {})
  expect(difference).toMatchObject({ path: 'metadata', change: 'add' })
  const [deeper] = compare({ m: { a: {} } }, { m: { a: { 'a.b/c': 'x' } } }, {})
  expect(deeper?.path).toBe('m.a["a.b/c"]')
  expect(parsePath(deeper!.path)).toEqual(['m', 'a', 'a.b/c'])
  expect(parsePath('spec.containers[0].env[*].value')).toEqual(['spec', 'containers', 0, 'env', '*', 'value'])
})

test('ignores a path and what is below it', () => {
  expect(isIgnored('spec.replicas', ['spec.replicas'])).toBe(true)
  expect(isIgnored('spec.rules[0].backendRefs', ['spec.rules'])).toBe(true)
  expect(isIgnored('spec.containers[1].image', ['spec.containers[*].image'])).toBe(true)
  expect(isIgnored('spec.replicasMore', ['spec.replicas'])).toBe(false)
})

test('replaces for what is below an immutable field, and for a removed parent of it', () => {
  expect(isBelow('.spec.selector.matchLabels.app', ['.spec.selector'])).toBe(true)
  expect(isBelow('.metadata', ['.metadata.name'])).toBe(true)
  expect(isBelow('.spec.selectorOther', ['.spec.selector'])).toBe(false)
})
