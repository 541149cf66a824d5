import { expect, test } from 'vitest'
import { queryOf } from './words.ts'

test.each([
  ['plan', `'plan':*`],
  ['  Team plan.md ', `'Team':* & 'plan':* & 'md':*`],
  ['a/b_c-d', `'a':* & 'b':* & 'c':* & 'd':*`],
  [`it's | ! & \\`, `'it''s':* & '|':* & '!':* & '&':* & '\\\\':*`],
])('%j becomes %s', (text, query) => expect(queryOf(text)).toBe(query))

test.each(['...', ' / ', '\0'])('there is no word in %j', (text) => expect(queryOf(text)).toBeUndefined())
