import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { untested, upstreamOf, versionsOf, writeVersions } from './debian.ts'
import { toolsNamed } from './tools.ts'

const folder = await mkdtemp(join(tmpdir(), 'atlas-debian-'))
afterAll(() => rm(folder, { recursive: true, force: true }))

test.each([
  ['1.6.20~ds1-1+deb12u1', '1.6.20'],
  ['1.0.6-2+deb12u2', '1.0.6'],
  ['2.8.2+ds1-1+b2', '2.8.2'],
  ['1:1.7.24~ds1-6', '1.7.24'],
])('finds the version of the project in %s', (version, upstream) => {
  expect(upstreamOf(version)).toBe(upstream)
})

test('says when a release has another version than the one that was tested', {
  timeout: 120_000,
}, async () => {
  const [tool] = toolsNamed(['containerd'])
  const found = { tool: tool!, state: 'built' as const, binaries: {}, folder }
  expect(await versionsOf(found)).toBeUndefined()
  expect(await untested(found)).toBeUndefined()
  await writeVersions(folder, { containerd: `${tool!.version}~ds1-1+deb12u9`, runc: '1.1.5' })
  expect(await versionsOf(found)).toMatchObject({ runc: '1.1.5' })
  expect(await untested(found)).toBeUndefined()
  await writeVersions(folder, { containerd: '1.7.24~ds1-6' })
  expect(await untested(found)).toMatch(/1\.7\.24~ds1-6.*1\.6\.20 is what was tested/)
})
