import { parseManifest } from '@atlas/manifest'
import { describe, expect, it } from 'vitest'
import { companyFiles, companyPackage } from './company-files.ts'

const company = { name: 'acme', team: 'web' }

describe('companyPackage', () => {
  it('makes a package.json from nothing', () => {
    expect(companyPackage({}, company)).toMatchObject({
      name: 'acme',
      private: true,
      type: 'module',
      workspaces: ['packages/servlets/*', 'packages/libraries/*'],
      scripts: { start: 'atlas start', test: 'atlas check && nx run-many -t types test' },
    })
  })

  it('keeps what somebody wrote', () => {
    const before = {
      name: 'mine',
      version: '3.0.0',
      workspaces: ['apps/*'],
      scripts: { start: 'node .', test: 'jest' },
      dependencies: { nx: '1.0.0' },
      devDependencies: { '@atlas/cli': 'file:x.tgz' },
    }
    const after = companyPackage(before, company) as typeof before
    expect(after).toMatchObject({
      ...before,
      workspaces: ['apps/*', 'packages/servlets/*', 'packages/libraries/*'],
    })
    expect(after.devDependencies).not.toHaveProperty('nx')
  })

  it('replaces the test script that npm init writes, which only fails', () => {
    const before = { scripts: { test: 'echo "Error: no test specified" && exit 1' } }
    expect(companyPackage(before, company)).toMatchObject({
      scripts: { test: 'atlas check && nx run-many -t types test' },
    })
  })

  it('changes nothing the second time', () => {
    const once = companyPackage({}, company) as Record<string, unknown>
    expect(JSON.stringify(companyPackage(once, company))).toBe(JSON.stringify(once))
  })
})

describe('companyFiles', () => {
  it('writes manifests that are right', () => {
    const files = companyFiles(company)
    for (const [kind, file] of [
      ['teams', 'infra/teams.json'],
      ['environment', 'infra/environments/local.json'],
    ] as const)
      expect(parseManifest(kind, files[file]!, file)).toMatchObject({ ok: true, findings: [] })
  })
})
