import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { readWorkspace } from '@atlas/manifest'
import { expect, it } from 'vitest'
import { type Changeset, readChangeset } from '../changesets/changeset.ts'
import { newRepository, type TestRepository } from '../fixtures/repository.ts'
import { root as here } from '../fixtures/workspace.ts'
import type { PackageFacts } from '../plan/facts.ts'
import { heldByCallers } from './held-by.ts'

const greeter = await readFile(join(here, 'packages/servlets/greeter/interface.json'), 'utf8')
const digest = `sha256:${'0'.repeat(64)}`

function documentOf(servlet: string, change: (value: Record<string, any>) => void = () => {}): string {
  const value = JSON.parse(greeter.replaceAll('"greeter"', JSON.stringify(servlet)))
  change(value)
  return JSON.stringify(value)
}

const demanding = documentOf('greeter', ({ endpoints }) => {
  endpoints.greet.input.properties.title = { type: 'string' }
  endpoints.greet.input.required.push('title')
})

const calling = (endpoint: string) =>
  documentOf('links', (value) => {
    value.calls = { greeter: [endpoint] }
  })

function files(servlet: string, document: string): Record<string, string> {
  const dir = `packages/servlets/${servlet}`
  return {
    [`${dir}/package.json`]: JSON.stringify({ name: `@acme/${servlet}`, version: '1.0.0' }),
    [`${dir}/servlet.json`]: '{ "owner": "web" }',
    [`${dir}/interface.json`]: document,
  }
}

const packages = ['greeter', 'links'].map(
  (name): PackageFacts => ({
    name: `@acme/${name}`,
    dir: `packages/servlets/${name}`,
    kind: 'servlet',
    version: '1.0.0',
    dependencies: {},
    devDependencies: {},
    sources: '',
    externals: '',
    servlet: { name, owner: name === 'links' ? 'sharing' : 'web', calls: [] },
  }),
)

function changeset(text: string): Changeset {
  const read = readChangeset('.changeset/a.md', `---\n"@acme/greeter": major\n---\n\nTitles.\n\n${text}\n`)
  if ('rule' in read) throw new Error(read.message)
  return read
}

/** `links` 1.0.0 runs in production and calls something of greeter 1.0.0; at HEAD greeter demands a title. */
async function running(repository: TestRepository, called: string): Promise<void> {
  await repository.commit('one', {
    'package.json': '{ "name": "acme", "workspaces": ["packages/*/*"] }',
    ...files('greeter', documentOf('greeter')),
    ...files('links', calling(called)),
  })
  for (const name of ['greeter', 'links']) await repository.git('tag', `@acme/${name}@1.0.0`)
  await repository.commit('two', {
    ...files('greeter', demanding),
    // At HEAD it has moved on already, which is not what runs.
    ...files('links', documentOf('links')),
    'infra/environments/production.lock.json': JSON.stringify({
      greeter: `1.0.0@${digest}`,
      links: `1.0.0@${digest}`,
    }),
  })
}

it('holds a major for the caller that runs, with what breaks it, whatever HEAD says', async () => {
  await using repository = await newRepository()
  await running(repository, 'greet')
  const workspace = await readWorkspace(repository.root)
  const { facts, findings } = await heldByCallers(workspace, packages, [changeset('')])
  expect(findings).toEqual([])
  expect(facts.heldBy).toMatchObject({
    greeter: [
      {
        caller: 'links',
        owner: 'sharing',
        environment: 'production',
        version: '1.0.0',
        breaks: [{ rule: 'input/field-missing', path: 'endpoints.greet.input.title' }],
      },
    ],
  })
  const accepted = changeset('accept: input/field-missing endpoints.greet.input.title - links sends it')
  expect((await heldByCallers(workspace, packages, [accepted])).facts.heldBy).toEqual({})
  expect((await heldByCallers(workspace, packages, [])).facts.heldBy).toEqual({})
})

it('holds nothing for a caller of other endpoints, nor once the caller that runs has moved', async () => {
  await using repository = await newRepository()
  await running(repository, 'other')
  const workspace = await readWorkspace(repository.root)
  expect((await heldByCallers(workspace, packages, [changeset('')])).facts.heldBy).toEqual({})
  await using moved = await newRepository()
  await running(moved, 'greet')
  await moved.git('tag', '@acme/links@1.1.0')
  await moved.commit('moved', {
    'infra/environments/production.lock.json': JSON.stringify({
      greeter: `1.0.0@${digest}`,
      links: `1.1.0@${digest}`,
    }),
  })
  const later = await readWorkspace(moved.root)
  expect((await heldByCallers(later, packages, [changeset('')])).facts.heldBy).toEqual({})
})

it('says which tag is missing, and does not guess', async () => {
  await using repository = await newRepository()
  await running(repository, 'greet')
  await repository.git('tag', '--delete', '@acme/links@1.0.0')
  const { findings } = await heldByCallers(await readWorkspace(repository.root), packages, [changeset('')])
  expect(findings).toMatchObject([
    { rule: 'release/history', severity: 'error', remedy: 'run git fetch --tags' },
  ])
})
