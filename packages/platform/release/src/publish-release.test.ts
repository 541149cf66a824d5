import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Fault, faulty, noDebian, startNpm, startOci, type TestRegistry } from '@atlas/tools-registries'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { bundleServlet } from './bundle/bundle-servlet.ts'
import { root, testBase } from './fixtures/workspace.ts'
import type { BaseImage } from './image/base/base-image.ts'
import { platformOf } from './image/platform.ts'
import { knownPackage } from './npm/npm-registry.ts'
import { publishRelease } from './publish-release.ts'
import { artifactTypes, attachVerdict, readRecord } from './record/record.ts'
import type { Manifest } from './registry/media-types.ts'
import { repositoryOf } from './registry/repository.ts'
import { type Registries, RegistryUnavailable, type ReleaseCandidate, ReleaseConflict } from './seam.ts'

/** Layers and npm take their time on a busy machine. */
const timeoutMs = 300_000

const dir = 'packages/servlets/greeter'
/** As many attempts as a test can wait for. */
const impatient = { timeoutMs: 10_000, attempts: 2, delayMs: 10 }

let base: BaseImage
let oci: TestRegistry
let npm: TestRegistry
let content: string
let scratch: string
let versions = 0

if (noDebian) console.warn('publishing is not tested here: its base and its registry come from Debian')

beforeAll(async () => {
  if (noDebian) return
  base = await testBase()
  scratch = await mkdtemp(join(tmpdir(), 'atlas-publish-test-'))
  oci = await startOci()
  npm = await startNpm()
  content = (await bundleServlet({ root, dir })).digest
}, timeoutMs)
afterAll(async () => {
  await oci?.close()
  await npm?.close()
  await rm(scratch, { recursive: true, force: true })
})

/** A release of a version that nobody has seen. */
async function candidate(): Promise<ReleaseCandidate> {
  return {
    servlet: 'greeter',
    package: '@acme/greeter',
    dir,
    version: `0.2.${versions++}`,
    commit: 'f'.repeat(40),
    content,
    platform: await platformOf(root),
    builtAgainst: { '@atlas/contract': '0.1.0' },
    vetting: { tests: ['@acme/greeter'], interface: { proven: 'none', released: 'patch' } },
  }
}

const registries = (npmUrl = npm.url, ociUrl = oci.url): Registries => ({
  npm: npmUrl,
  oci: `${ociUrl}/acme`,
})
const images = () => repositoryOf(`${oci.url}/acme`, 'greeter')

/** That a release is there once, and whole. */
async function expectWhole({ version }: ReleaseCandidate): Promise<string> {
  const digest = await images().digestOf(version)
  expect(digest).toMatch(/^sha256:/)
  const referrers = await images().referrers(digest!)
  expect(referrers.map(({ artifactType }) => artifactType).sort()).toEqual([
    artifactTypes.record,
    'application/vnd.cyclonedx+json',
    'application/vnd.in-toto+json',
  ])
  const image = (await images().manifest(digest!))!.value as Manifest
  for (const { digest: blob } of image.layers) expect(await images().hasBlob(blob)).toBe(true)
  expect((await readRecord(images(), digest!))?.record).toMatchObject({ version, content, image: digest })
  const known = await knownPackage(npm.url, '@acme/greeter', {})
  expect(known.versions.has(version)).toBe(true)
  return digest!
}

test.skipIf(noDebian)(
  'publishes package, image and record; again it changes nothing and gives the same',
  async () => {
    const release = await candidate()
    const first = await publishRelease(root, release, registries(), { base })
    const digest = await expectWhole(release)
    expect(first).toMatchObject({
      made: true,
      image: { digest, reference: `${new URL(oci.url).host}/acme/greeter@${digest}` },
    })
    const watched = await faulty(oci.url, () => 'pass')
    try {
      const second = await publishRelease(root, release, registries(npm.url, watched.url), { base })
      expect(second).toEqual({
        ...first,
        made: false,
        image: { digest, reference: expect.stringContaining(digest) },
      })
      expect(watched.requests.filter((request) => !/^(GET|HEAD)/.test(request))).toEqual([])
    } finally {
      await watched.close()
    }
  },
  timeoutMs,
)

test.skipIf(noDebian)(
  'refuses a version that is there with other content, and changes nothing',
  async () => {
    const release = await candidate()
    await publishRelease(root, release, registries(), { base })
    const before = await expectWhole(release)
    const other = { ...release, content: `sha256:${'0'.repeat(64)}` }
    await expect(publishRelease(root, other, registries(), { base })).rejects.toThrow(ReleaseConflict)
    await expect(publishRelease(root, other, registries(), { base })).rejects.toThrow(
      /greeter:0\.2\.\d+ is in the image registry as .*; a version never changes: release what is here as the next one/,
    )
    expect(await expectWhole(release)).toBe(before)
  },
  timeoutMs,
)

test.skipIf(noDebian)(
  'verdicts are added to a release and leave its record as it is',
  async () => {
    const release = await candidate()
    const { image, record } = await publishRelease(root, release, registries(), { base })
    const verdict = {
      environment: 'production',
      verdict: 'promoted' as const,
      at: '2026-01-01T00:00:00Z',
      reason: 'no regression',
    }
    await attachVerdict(images(), image.digest, verdict)
    await attachVerdict(images(), image.digest, verdict)
    expect(await readRecord(images(), image.digest)).toMatchObject({ digest: record, verdicts: [verdict] })
  },
  timeoutMs,
)

test.skipIf(noDebian)(
  'what is built must be what was decided on',
  async () => {
    const release = { ...(await candidate()), content: `sha256:${'1'.repeat(64)}` }
    await expect(publishRelease(root, release, registries(), { base })).rejects.toThrow(
      /is not what the release of .* was decided on .*check out f+, run npm ci, and publish again/,
    )
    expect(await images().digestOf(release.version)).toBeUndefined()
  },
  timeoutMs,
)

describe.skipIf(noDebian)('a registry that fails', () => {
  test.each<Fault>(['status 500', 'drop before', 'drop after'])(
    'with %s now and then is asked again, and all is there once',
    async (fault) => {
      const release = await candidate()
      const seen = new Set<string>()
      // The first time that anything is asked, it fails.
      const once = (method: string, path: string): Fault => {
        const key = `${method} ${path.replace(/uploads\/.*/, 'uploads')}`
        if (seen.has(key)) return 'pass'
        seen.add(key)
        return fault
      }
      const flaky = { oci: await faulty(oci.url, once), npm: await faulty(npm.url, once) }
      await allow(flaky.npm.port)
      try {
        await publishRelease(root, release, registries(flaky.npm.url, flaky.oci.url), {
          base,
          ...impatient,
          attempts: 6,
        })
      } finally {
        await flaky.oci.close()
        await flaky.npm.close()
      }
      await expectWhole(release)
    },
    timeoutMs,
  )

  test.each<Fault>(['status 500', 'silence', 'drop before', 'drop after'])(
    'with %s from any request on is an error that says so; the same again makes it whole',
    async (fault) => {
      for (const from of [0, 7, 12]) {
        const release = await candidate()
        const broken = await faulty(oci.url, (_, __, count) => (count >= from ? fault : 'pass'))
        const failing = publishRelease(root, release, registries(npm.url, broken.url), {
          base,
          ...impatient,
          timeoutMs: fault === 'silence' ? 500 : 10_000,
        })
        await expect(failing).rejects.toThrow(RegistryUnavailable)
        await broken.close()
        // Nobody sees an image that is not whole.
        const named = await images().digestOf(release.version)
        if (named !== undefined) await expectWhole(release)
        await publishRelease(root, release, registries(), { base })
        await expectWhole(release)
      }
    },
    timeoutMs,
  )

  test(
    'npm: with no answer at all is an error that says so, and nothing is there',
    async () => {
      const release = await candidate()
      const broken = await faulty(npm.url, () => 'status 500')
      await expect(
        publishRelease(root, release, registries(broken.url), { base, ...impatient }),
      ).rejects.toThrow(
        /failed 2 times: it answers 500 out of order\. Nothing is half done; run the same again/,
      )
      await broken.close()
      expect(await images().digestOf(release.version)).toBeUndefined()
    },
    timeoutMs,
  )
})

test.skipIf(noDebian)(
  'killed at any point and run again, all is there once',
  async () => {
    const script = join(import.meta.dirname, 'fixtures/publish.ts')
    // At a request of each kind: the process dies before it hears the answer.
    for (const at of [0, 3, 6, 9, 12, 15]) {
      const release = await candidate()
      let kill = () => {}
      let asked = 0
      const deadly = () => {
        if (asked++ === at) kill()
        return 'pass' as const
      }
      const watched = { oci: await faulty(oci.url, deadly), npm: await faulty(npm.url, deadly) }
      await allow(watched.npm.port)
      const child = execFile(process.execPath, [
        script,
        JSON.stringify({ base, root, release, registries: registries(watched.npm.url, watched.oci.url) }),
      ])
      kill = () => child.kill('SIGKILL')
      await new Promise((resolve) => child.once('exit', resolve))
      await watched.oci.close()
      await watched.npm.close()
      const named = await images().digestOf(release.version)
      if (named !== undefined) await expectWhole(release)
      await publishRelease(root, release, registries(), { base })
      await expectWhole(release)
    }
  },
  timeoutMs,
)

/** npm has a token for a registry by its port. */
async function allow(port: number): Promise<void> {
  const { appendFile } = await import('node:fs/promises')
  await appendFile(process.env.NPM_CONFIG_USERCONFIG!, `//127.0.0.1:${port}/:_authToken=anybody\n`)
}
