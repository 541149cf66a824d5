import { expect, test } from 'vitest'
import { adoptFields, ownedByOthersOnly } from './managers.ts'
import type { Fields } from './values.ts'

const entry = (manager: string, operation: string, fieldsV1: Fields, more: Fields = {}): Fields => ({
  manager,
  operation,
  fieldsV1,
  ...more,
})

test('moves what was created, and what kubectl edited, to the one who applies', () => {
  const controller = entry('kube-controller-manager', 'Update', { 'f:status': {} }, { subresource: 'status' })
  const adopted = adoptFields(
    [
      entry('pulumi-kubernetes', 'Update', { 'f:spec': { 'f:replicas': {} } }),
      entry('kubectl-rollout', 'Update', { 'f:spec': { 'f:template': {} } }),
      controller,
    ],
    'pulumi-kubernetes-1234',
  )
  expect(adopted).toEqual([
    controller,
    entry('pulumi-kubernetes-1234', 'Apply', { 'f:spec': { 'f:replicas': {}, 'f:template': {} } }),
  ])
})

test('adds to what the applier owns already', () => {
  const adopted = adoptFields(
    [
      entry('pulumi-kubernetes-1', 'Apply', { 'f:a': {} }),
      entry('kubectl-edit', 'Update', { 'f:b': {} }),
      entry('kubectl', 'Apply', { 'f:c': {} }),
    ],
    'pulumi-kubernetes-1',
  )
  expect(adopted).toEqual([entry('pulumi-kubernetes-1', 'Apply', { 'f:a': {}, 'f:b': {}, 'f:c': {} })])
})

test('moves what was applied under the name of before', () => {
  const managed = [entry('first', 'Apply', { 'f:a': {} }), entry('other', 'Apply', { 'f:b': {} })]
  expect(adoptFields(managed, 'second', 'first')).toEqual([
    entry('other', 'Apply', { 'f:b': {} }),
    entry('second', 'Apply', { 'f:a': {} }),
  ])
  expect(adoptFields(managed, 'first', 'first')).toBeUndefined()
})

test('leaves others alone: appliers of other names, autoscalers, whoever writes a subresource', () => {
  const others = [
    entry('flagger', 'Update', { 'f:spec': {} }),
    entry('pulumi-kubernetes-other', 'Apply', { 'f:spec': {} }),
    entry('kubectl', 'Update', { 'f:spec': { 'f:replicas': {} } }, { subresource: 'scale' }),
  ]
  expect(adoptFields(others, 'pulumi-kubernetes-1')).toBeUndefined()
})

test('knows a field that only others own', () => {
  const managed = [
    entry('me', 'Apply', { 'f:spec': { 'f:template': {} } }),
    entry('hpa', 'Update', { 'f:spec': { 'f:replicas': {} } }, { subresource: 'scale' }),
  ]
  expect(ownedByOthersOnly(managed, 'me', ['spec', 'replicas'])).toBe(true)
  expect(ownedByOthersOnly(managed, 'me', ['spec', 'template'])).toBe(false)
  expect(ownedByOthersOnly(managed, 'me', ['spec', 'paused'])).toBe(false)
})
