import { randomUUID } from 'node:crypto'
import { tmpdir } from 'node:os'
import type { CatalogServlet } from '@atlas/manifest'
import { type Blobs, silent } from '@atlas/sdk'
import { s3ServerBinary, startS3Server } from '@atlas/stores/testing'
import { afterEach, expect, it, vi } from 'vitest'
import { openStores } from './open-stores.ts'
import { storeProvider } from './store-provider.ts'

const built = await s3ServerBinary().catch((error: Error) => error)
// On a machine without Go this is left out, and says so; in CI that would be a gap nobody sees.
const missing = built instanceof Error && !process.env.CI
if (missing) console.warn(`the test with an S3 server is left out: ${built.message}`)

const bucket = 'acme-blobs'

afterEach(() => vi.unstubAllEnvs())

it.skipIf(missing)('blobs are in the bucket that ATLAS_BLOBS_URL names', { timeout: 120_000 }, async () => {
  if (built instanceof Error) throw built
  await using server = await startS3Server(built, [bucket])
  vi.stubEnv('AWS_ACCESS_KEY_ID', server.credentials.accessKeyId)
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', server.credentials.secretAccessKey)

  const servlet = { name: 'links', dir: 'links', manifest: { stores: { content: { blobs: {} } } } }
  const provide = (url: string) =>
    storeProvider({
      root: tmpdir(),
      environment: 'local',
      namespace: randomUUID(),
      servlets: [],
      variables: { ATLAS_BLOBS_URL: url },
      logOf: () => silent,
    }).plan(servlet as unknown as CatalogServlet)
  const plan = await provide(`s3://${bucket}/all?endpoint=${server.endpoint}`)
  expect(JSON.parse(JSON.stringify(plan))).toEqual(plan)
  expect(JSON.stringify(plan)).not.toContain(server.credentials.secretAccessKey)
  const { stores, close } = await openStores(plan, { servlet: 'links', log: silent })
  await (stores.content as Blobs).put('a', 'x')
  await close()
  const again = await openStores(plan, { servlet: 'links', log: silent })
  expect((await (again.stores.content as Blobs).list()).map(({ key }) => key)).toEqual(['a'])
  await again.close()
  await expect(provide(`s3://nothing-here?endpoint=${server.endpoint}`)).rejects.toThrow(
    'does not exist; make it',
  )
  await expect(provide(server.endpoint)).rejects.toThrow('ATLAS_BLOBS_URL starts with http:')
})
