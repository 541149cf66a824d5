import * as fc from 'fast-check'
import { expect, it } from 'vitest'
import { databaseName } from './database-name.ts'

const kebab = fc.stringMatching(/^[a-z][a-z0-9]{0,18}(-[a-z0-9]{1,20})?$/)
const camel = fc.stringMatching(/^[a-z][A-Za-z0-9]{0,39}$/)
const space = fc.tuple(kebab, fc.option(kebab)).map(([env, name]) => (name === null ? env : `${env}.${name}`))

it('is readable where it fits', () => {
  expect(databaseName('local', 'files', 'tree')).toBe('local_files_tree')
  expect(databaseName('local.feature-x', 'file-links', 'shortLinks')).toBe(
    'local.feature-x_file-links_shortLinks',
  )
})

it('fits into 63 bytes, and no two stores share one', () => {
  const store = fc.tuple(space, kebab, camel)
  fc.assert(
    fc.property(store, store, (a, b) => {
      const [one, other] = [databaseName(...a), databaseName(...b)]
      expect(Buffer.byteLength(one)).toBeLessThanOrEqual(63)
      expect(one === other).toBe(JSON.stringify(a) === JSON.stringify(b))
    }),
    { numRuns: 2000 },
  )
})

it('differs where long names differ at their end only', () => {
  const long = 'a'.repeat(40)
  expect(databaseName('local', long, `${long}b`)).not.toBe(databaseName('local', long, `${long}c`))
})
