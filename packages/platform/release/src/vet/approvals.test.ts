import type { Catalog } from '@atlas/manifest'
import { expect, it } from 'vitest'
import { plannedMajor as release } from '../fixtures/planned-major.ts'
import { newRepository } from '../fixtures/repository.ts'
import type { PackageFacts } from '../plan/facts.ts'
import { approvalOf, approvalText, needsApproval } from './approvals.ts'

const pkg = { name: '@acme/greeter', sources: 'abc' } as PackageFacts
const given = { version: '2.0.0', sources: 'abc', by: 'ada@example.com' }

function catalog(members: readonly string[], approval?: object): Catalog {
  return {
    teams: { web: { name: 'Web', contact: '#web', members: [...members] } },
    servlets: [{ name: 'greeter', manifest: approval ? { release: { approval } } : {} }],
  } as unknown as Catalog
}

it('is asked for as the manifest says', () => {
  expect(needsApproval(release, catalog([]))).toBe(false)
  expect(needsApproval(release, catalog([], { major: {} }))).toBe(true)
  expect(needsApproval({ ...release, bump: 'minor' }, catalog([], { major: {} }))).toBe(false)
  expect(needsApproval({ ...release, bump: 'patch' }, catalog([], { every: {} }))).toBe(true)
})

it('counts for the version and the sources that it was given for, by a member who committed it', async () => {
  await using repository = await newRepository()
  const { root, commit } = repository
  const asked = (members: readonly string[] = ['ada@example.com', '@acme/web']) =>
    approvalOf(root, release, pkg, catalog(members))
  await commit('start', {})
  expect(await asked()).toEqual({ missing: expect.stringContaining('run npx atlas release approve greeter') })
  const approve = (text: string) => commit('approve', { 'infra/approvals/greeter.json': text })
  for (const [text, why] of [
    ['{', 'is no approval'],
    [approvalText({ ...given, version: '1.1.0' }), '1.1.0 is approved, and not 2.0.0'],
    [approvalText({ ...given, sources: 'abd' }), 'has changed since ada@example.com approved'],
    [approvalText({ ...given, by: 'bob@example.com' }), 'ada@example.com committed it'],
  ] as const) {
    await approve(text)
    expect(await asked(), text).toEqual({ missing: expect.stringContaining(why) })
  }
  await approve(approvalText(given))
  expect(await asked()).toEqual({ by: 'ada@example.com' })
  expect(await asked(['bob@example.com'])).toEqual({
    missing: expect.stringContaining('ada@example.com is not of web (bob@example.com)'),
  })
  // Accounts of a code host cannot be told from mail addresses: its review of the file decides.
  expect(await asked(['@acme/web', 'bob'])).toEqual({ by: 'ada@example.com' })
})
