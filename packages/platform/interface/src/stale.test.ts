import { contract, endpoint } from '@atlas/contract'
import { describe, expect, it } from 'vitest'
import { stringifyInterface } from './document-text.ts'
import { interfaceOf } from './interface-of.ts'
import { staleness } from './stale.ts'

const before = interfaceOf(contract('any', { call: endpoint({ route: 'GET /call' }) }))
const after = interfaceOf(contract('any', { call: endpoint({ route: 'GET /call', access: 'public' }) }), {
  previous: before,
})
const text = stringifyInterface(before)

describe('a committed interface document', () => {
  it('is fresh where it says what the contract says, whatever git did to its line endings', () => {
    expect(staleness(text, before)).toBeUndefined()
    expect(staleness(text.replaceAll('\n', '\r\n'), before)).toBeUndefined()
  })

  it.each([
    { name: 'an older contract', committed: text, path: 'endpoints.call.access' },
    { name: 'half a file', committed: text.slice(0, 50), path: '' },
    { name: 'no file', committed: undefined, path: '' },
    { name: 'the same in another layout', committed: JSON.stringify(after), path: '' },
  ])('is stale with $name', ({ committed, path }) => {
    expect(staleness(committed, after)).toMatchObject({ rule: 'interface/stale', path })
  })
})
