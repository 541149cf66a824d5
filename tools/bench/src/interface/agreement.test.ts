import { compare, importOpenApi } from '@atlas/interface'
import { describe, expect, it } from 'vitest'
import { agreement, breaksOf } from './agreement.ts'
import { classOfOurs, classOfTheirs, unexplained } from './classify.ts'
import { DescribedApi } from './described.ts'

const json = (schema: object) => ({ content: { 'application/json': { schema } } })
const text = json({ type: 'object', required: ['a'], properties: { a: { type: 'string' } } })
const anything = json({ type: 'object', required: ['a'], properties: { a: {} } })
const get = (more: object) => ({ get: { tags: ['x'], ...more } })
const one = (paths: object) => ({ openapi: '3.0.3', paths, components: {} }) as never

const before = one({
  '/gone': get({ operationId: 'x/gone', deprecated: true, responses: { 200: text } }),
  '/wider': get({ operationId: 'x/wider', responses: { 200: text } }),
  '/lost': get({ operationId: 'x/lost', responses: { 200: text } }),
  '/same': get({ operationId: 'x/same', responses: { 200: text } }),
})
const after = one({
  '/wider': get({ operationId: 'x/wider', responses: { 200: anything } }),
  '/same': get({ operationId: 'x/same', responses: { 200: text } }),
})
const [was] = importOpenApi(before)
const [is] = importOpenApi(after, { previous: new Map([['x', was!.document]]) })
const versions = {
  before: new DescribedApi(before),
  after: new DescribedApi(after),
  was: was!,
  is,
  elsewhere: undefined,
}
const breaks = breaksOf(was!, compare(was!.document, is!.document))
const finding = (path: string, id = 'one', text = '') => ({ id, level: 3, operation: 'GET', path, text })

it('compares by operation, of those that were imported', () => {
  const theirs = [finding('/gone'), finding('/gone', 'two'), finding('/same'), finding('/not-imported')]
  expect(agreement(breaks, theirs, new Set(['GET /gone', 'GET /wider', 'GET /lost', 'GET /same']))).toEqual({
    both: ['GET /gone'],
    atlasOnly: ['GET /lost', 'GET /wider'],
    oasdiffOnly: new Map([['GET /same', [finding('/same')]]]),
  })
})

describe('classes of disagreements', () => {
  it('are told by what the descriptions say and what ajv makes of the witness', () => {
    expect(classOfOurs('GET /gone', breaks.get('GET /gone')!, versions)).toMatch(
      /^gone after it was deprecated/,
    )
    expect(classOfOurs('GET /wider', breaks.get('GET /wider')!, versions)).toMatch(/^a break that oasdiff/)
    expect(
      classOfTheirs('GET /same', [finding('/same', 'response-body-any-of-added')], [], versions),
    ).toMatch(/^the answer is the same/)
  })

  it('tell an operation that only moved to another tag', () => {
    const moved = { ...versions, elsewhere: 'y' }
    expect(classOfOurs('GET /lost', breaks.get('GET /lost')!, moved)).toMatch(/^under another tag now/)
  })

  it('are left open where nothing shows one', () => {
    expect(classOfOurs('GET /lost', breaks.get('GET /lost')!, versions)).toBe(unexplained)
    expect(classOfTheirs('GET /same', [finding('/same', 'some-rule')], [], versions)).toBe(unexplained)
    expect(classOfTheirs('GET /same', [finding('/same', 'request-property-removed')], [], versions)).toBe(
      unexplained,
    )
  })
})
