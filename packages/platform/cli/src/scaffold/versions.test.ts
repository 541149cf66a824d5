import { readFile } from 'node:fs/promises'
import { expect, it } from 'vitest'
import { versions, zodRange } from './versions.ts'

it('gives companies the versions that this workspace is tested with', async () => {
  const root = JSON.parse(await readFile(`${import.meta.dirname}/../../../../../package.json`, 'utf8')) as {
    devDependencies: Record<string, string>
  }
  const { '@atlas/cli': _own, ...others } = versions
  for (const [name, version] of Object.entries(others))
    expect([name, root.devDependencies[name]]).toEqual([name, version])
  expect(zodRange).toBe(`^${root.devDependencies.zod}`)
})
