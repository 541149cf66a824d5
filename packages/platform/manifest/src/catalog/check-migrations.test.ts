import { expect, it } from 'vitest'
import { workspaceOf } from '../fixtures/workspace.ts'
import { catalogOf } from './catalog-of.ts'

const stores = { links: { postgres: {} }, content: { blobs: {} } }

function findingsOf(migrations: Readonly<Record<string, readonly string[]>>) {
  const workspace = workspaceOf({ servlets: { links: { manifest: { owner: 'web', stores }, migrations } } })
  return catalogOf(workspace).findings.map(({ rule, file, remedy }) => ({ rule, file, remedy }))
}

it('takes a Postgres store with migrations, and one without', () => {
  expect(findingsOf({ links: ['0001-a.expand.sql'] })).toEqual([])
  expect(findingsOf({})).toEqual([])
})

it('finds wrong files in the folder of a store', () => {
  expect(findingsOf({ links: ['0001-a.expand.sql', '0003-a.expand.sql'] })).toMatchObject([
    { rule: 'migrations/gap', file: 'packages/servlets/links/migrations/links/0003-a.expand.sql' },
  ])
})

it('refuses migrations of what is no declared Postgres store, and says which one was meant', () => {
  expect(findingsOf({ link: ['0001-a.expand.sql'] })).toMatchObject([
    {
      rule: 'migrations/store',
      file: 'packages/servlets/links/migrations/link',
      remedy: expect.stringContaining("rename it to 'links'"),
    },
  ])
  expect(findingsOf({ content: ['0001-a.expand.sql'] })).toMatchObject([{ rule: 'migrations/store' }])
})
