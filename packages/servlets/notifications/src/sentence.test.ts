import { expect, test } from 'vitest'
import { sentenceOf } from './sentence.ts'

const person = { id: 'c0ffee00-0000-4000-8000-000000000002', name: 'Eve' }

test('tells what others did', () => {
  expect(sentenceOf({ kind: 'received', path: 'plan.md', person })?.text).toBe('Eve lets you read plan.md')
  expect(sentenceOf({ kind: 'opened', path: 'plan.md' })?.text).toBe('Somebody opened your link to plan.md')
})

test.each(['added', 'changed', 'moved', 'removed', 'linked', 'granted'] as const)(
  'and not what people did themselves: %s',
  (kind) => expect(sentenceOf({ kind, path: 'plan.md' })).toBeUndefined(),
)
