import { type Blobs, silent } from '@atlas/sdk'
import { s3ServerBinary, startS3Server } from '@atlas/stores/testing'
import { afterEach, expect, it, vi } from 'vitest'
import { blobs } from './blobs.ts'
import type { StorePlace } from './store-opener.ts'

const built = await s3ServerBinary().catch((error: Error) => error)
// On a machine without Go this is left out, and says so; in CI that would be a gap nobody sees.
const missing = built instanceof Error && !process.env.CI
if (missing) console.warn(`the test with an S3 server is left out: ${built.message}`)

afterEach(() => vi.unstubAllEnvs())

function placeAt(where: string): StorePlace {
  return { servlet: 'files', store: 'content', where, settings: {}, folder: '/', log: silent }
}

it.skipIf(missing)('blobs are in the bucket and folder of the variable', { timeout: 120_000 }, async () => {
  if (built instanceof Error) throw built
  await using server = await startS3Server(built, ['acme-blobs'])
  vi.stubEnv('AWS_ACCESS_KEY_ID', server.credentials.accessKeyId)
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', server.credentials.secretAccessKey)
  const at = (folder: string) => placeAt(`s3://acme-blobs/${folder}?endpoint=${server.endpoint}`)

  const { store, close } = await blobs.open(at('files/content'))
  await (store as Blobs).put('a', 'x')
  await close()

  const again = await blobs.open(at('files/content'))
  expect((await (again.store as Blobs).list()).map(({ key }) => key)).toEqual(['a'])
  await again.close()
  const other = await blobs.open(at('files/other'))
  expect(await (other.store as Blobs).list()).toEqual([])
  await other.close()

  await expect(blobs.open(placeAt(`s3://nothing-here?endpoint=${server.endpoint}`))).rejects.toThrow(
    'does not exist; make it, or correct ATLAS_STORE_FILES_CONTENT',
  )
})

it('a variable that names no bucket is refused before anything is asked', async () => {
  await expect(blobs.open(placeAt('/var/lib/blobs'))).rejects.toThrow('ATLAS_STORE_FILES_CONTENT is no URL')
})
