import { expect, it } from 'vitest'
import { changesOf } from './changes.ts'

it.each([
  ['packages/servlets/greeter/src/servlet.ts', false],
  ['packages/servlets/links/migrations/links/0001-create.expand.sql', false],
  ['packages/servlets/greeter/servlet.json', true],
  ['packages/servlets/greeter/interface.json', true],
  ['packages/servlets/greeter', true],
  ['infra/environments/local.json', true],
  ['infra/teams.json', true],
])('%s matters; says what servlets there are: %s', (file, workspace) => {
  expect(changesOf([file])).toEqual({ files: [file], workspace })
})

it.each([
  'packages/servlets/greeter/src/servlet.test.ts',
  'packages/servlets/greeter/README.md',
  'packages/servlets/greeter/test/helper.ts',
])('%s does not matter', (file) => {
  expect(changesOf([file])).toBe(undefined)
})
