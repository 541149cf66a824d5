import { expect, it } from 'vitest'
import { servletFiles } from './servlet-files.ts'
import { plainServlet } from './servlet-spec.ts'

const plain = plainServlet({ name: 'file-links', scope: '@acme', owner: 'web', platform: '*', zod: '^4.6.7' })

it('says in the manifest only what differs from the defaults', () => {
  expect(Object.keys(JSON.parse(servletFiles(plain)['servlet.json']!))).toEqual(['$schema', 'owner'])
})

it('uses its database before its blobs, with the migration that this needs', () => {
  const files = servletFiles({ ...plain, stores: { content: 'blobs', links: 'postgres' } })
  expect(files['src/servlet.ts']).toContain('stores.links.query')
  expect(files['migrations/links/0001-create-greetings.expand.sql']).toContain('create table greetings')
})

it('greets the first field of the route, under another name where JavaScript keeps the word', () => {
  expect(servletFiles({ ...plain, route: 'GET /a/{id}/{more*}' })['src/servlet.ts']).toContain(
    'greet: async ({ id }) => (',
  )
  expect(servletFiles({ ...plain, route: 'GET /a/{new}' })['src/servlet.ts']).toContain(
    'async ({ new: name }) =>',
  )
})

it('asks for a name where the route has no field', () => {
  expect(servletFiles({ ...plain, route: 'POST /hello' })['src/contract.ts']).toContain(
    'z.object({ name: z.string().min(1) })',
  )
})
