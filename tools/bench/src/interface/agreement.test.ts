import { importOpenApi } from '@atlas/interface'
import { expect, it } from 'vitest'
import { agreement } from './agreement.ts'

const get = { operationId: 'x/get', tags: ['x'], responses: { 200: {} } }
const before = new Map(
  importOpenApi({
    openapi: '3.0.3',
    paths: {
      '/a': { get },
      '/b': { get: { ...get, operationId: 'x/b' } },
      '/c': { get: { ...get, operationId: 'x/c' } },
    },
  }).map((servlet) => [servlet.name, servlet]),
)
const finding = (path: string, id: string) => ({ id, level: 3, operation: 'GET', path, text: '' })

it('counts operations, and the rules of what only the other reports', () => {
  const theirs = [
    finding('/a', 'one'),
    finding('/a', 'two'),
    finding('/b', 'two'),
    finding('/b', 'two'),
    finding('/not-imported', 'one'),
  ]
  expect(agreement(new Set(['GET /a', 'GET /c']), theirs, before)).toEqual({
    both: 1,
    atlasOnly: 1,
    oasdiffOnly: 1,
    rules: [{ id: 'two', findings: 2 }],
  })
})
