import { spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import type { Blobs } from '@atlas/sdk'
import { blobsSuite } from '@atlas/sdk/testing/blobs-suite'
import {
  CreateMultipartUploadCommand,
  GetObjectCommand,
  ListMultipartUploadsCommand,
  PutObjectCommand,
  type S3Client,
} from '@aws-sdk/client-s3'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { type S3Server, s3ServerBinary, startS3Server } from '../testing/s3-server.ts'
import { objectName } from './object-name.ts'
import { prepareBucket } from './prepare-bucket.ts'
import { s3Blobs } from './s3-blobs.ts'
import { s3Client } from './s3-client.ts'
import { placeOfStore, readBlobsUrl, type S3Place } from './s3-place.ts'

const built = await s3ServerBinary().catch((error: Error) => error)
// On a machine without Go this is left out, and says so; in CI that would be a gap nobody sees.
const missing = built instanceof Error && !process.env.CI
if (missing) console.warn(`the tests with an S3 server are left out: ${built.message}`)

const bucket = 'acme-blobs'
const large = 9 * 1024 * 1024

describe.skipIf(missing)('a bucket', { timeout: 120_000 }, () => {
  let server: S3Server
  let client: S3Client
  const clients: S3Client[] = []

  beforeAll(async () => {
    if (built instanceof Error) throw built
    server = await startS3Server(built, [bucket])
    vi.stubEnv('AWS_ACCESS_KEY_ID', server.credentials.accessKeyId)
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', server.credentials.secretAccessKey)
    client = connect(newPlace())
  }, 120_000)

  afterAll(async () => {
    for (const each of clients) each.destroy()
    await server?.[Symbol.asyncDispose]()
    vi.unstubAllEnvs()
  })

  /** Where nothing is yet. */
  const newPlace = (name = bucket): S3Place =>
    placeOfStore(readBlobsUrl(`s3://${name}?endpoint=${server.endpoint}`), ['test', randomUUID(), 'content'])
  function connect(place: S3Place): S3Client {
    const made = s3Client(place)
    clients.push(made)
    return made
  }
  const newStore = (place = newPlace()): Blobs => s3Blobs(client, place, 'content')

  describe('is a blobs store', () => {
    for (const { name, check } of blobsSuite(async () => newStore())) it(name, check, 300_000)
  })

  async function* bytes(size: number, fill = 1) {
    for (let sent = 0; sent < size; sent += 1024 * 1024)
      yield new Uint8Array(Math.min(1024 * 1024, size - sent)).fill(fill)
  }

  it('takes what is larger than one piece, and conditions hold for it too', async () => {
    const store = newStore()
    const first = await store.put('film', bytes(large), { ifMatch: null, contentType: 'video/mp4' })
    expect(first).toMatchObject({ sizeBytes: large, contentType: 'video/mp4' })
    expect(await store.head('film')).toEqual(first)
    await expect(store.put('film', bytes(large), { ifMatch: null })).rejects.toThrow('exists already')
    const second = await store.put('film', bytes(large, 2), { ifMatch: first.etag })
    await expect(store.put('film', bytes(large, 3), { ifMatch: first.etag })).rejects.toThrow('was changed')
    expect(await store.list()).toEqual([second])
    const read = new Uint8Array(await new Response((await store.get('film'))!.body).arrayBuffer())
    expect(read.byteLength).toBe(large)
    expect(read.every((byte) => byte === 2)).toBe(true)
  })

  it('of writers that replace a blob by the same bytes, exactly one wins', async () => {
    const store = newStore()
    const { etag } = await store.put('lock', 'held')
    const writes = await Promise.allSettled(
      Array.from({ length: 8 }, () => store.put('lock', 'held', { ifMatch: etag })),
    )
    expect(writes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
  })

  it('keeps nothing of an upload whose source fails in its middle', async () => {
    const place = newPlace()
    const failing = (async function* () {
      yield* bytes(large)
      throw new TypeError('the sender went away')
    })()
    await expect(newStore(place).put('film', failing)).rejects.toThrow(TypeError)
    expect(await newStore(place).head('film')).toBeUndefined()
    const { Uploads } = await client.send(new ListMultipartUploadsCommand({ Bucket: bucket }))
    expect(Uploads ?? []).toEqual([])
  })

  it('clears what was begun a day ago, and nothing younger', async () => {
    const place = newPlace()
    const begun = { Bucket: bucket, Key: `${place.prefix}half` }
    await client.send(new CreateMultipartUploadCommand(begun))
    const left = async () =>
      (await client.send(new ListMultipartUploadsCommand({ Bucket: bucket, Prefix: place.prefix })))
        .Uploads ?? []
    await prepareBucket(client, place)
    expect(await left()).toHaveLength(1)
    await new Promise((resolve) => setTimeout(resolve, 1100))
    await prepareBucket(client, place, 1000)
    expect(await left()).toHaveLength(0)
  })

  it('has objects that are the bytes of blobs, under names to be read, and shows what others put there', async () => {
    const place = newPlace()
    const store = newStore(place)
    await store.put('photos/a.jpg', 'bytes of a photo', { contentType: 'image/jpeg' })
    const object = await client.send(
      new GetObjectCommand({ Bucket: bucket, Key: `${place.prefix}photos.~a.!jpg` }),
    )
    expect(await object.Body?.transformToString()).toBe('bytes of a photo')
    expect(object.ContentType).toBe('image/jpeg')
    const foreign = { Bucket: bucket, Key: place.prefix + objectName('other'), Body: 'x' }
    const { ETag = '' } = await client.send(new PutObjectCommand({ ...foreign, Metadata: { by: 'hand' } }))
    const info = await store.head('other')
    expect(info).toMatchObject({ sizeBytes: 1, etag: ETag.replaceAll('"', ''), metadata: { by: 'hand' } })
    await store.put('other', 'y', { ifMatch: info!.etag })
    expect((await store.list()).map(({ key }) => key)).toEqual(['other', 'photos/a.jpg'])
  })

  it('takes uploads of any size in the memory of a few pieces', async () => {
    const child = spawn(
      process.execPath,
      [new URL('./fixtures/large-upload.ts', import.meta.url).pathname, JSON.stringify(newPlace()), '400'],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    )
    let said = ''
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      said += text
    })
    await once(child, 'close')
    const { sizeMiB, readMiB, grewMiB } = JSON.parse(said)
    expect([sizeMiB, readMiB]).toEqual([400, 400])
    expect(grewMiB).toBeLessThan(200)
  }, 300_000)

  it('is not there, lets nobody in or does not answer: one sentence says which, and what to do', async () => {
    const sentence = async (place: S3Place) =>
      prepareBucket(connect(place), place).then(
        () => 'it can be used',
        (error: Error) => error.message,
      )
    expect(await sentence(newPlace())).toBe('it can be used')
    expect(await sentence(newPlace('no-such-bucket'))).toBe(
      `bucket 'no-such-bucket' at ${server.endpoint} does not exist; make it, or correct ATLAS_BLOBS_URL`,
    )
    expect(await sentence({ ...newPlace(), endpoint: 'http://127.0.0.1:9' })).toBe(
      `bucket '${bucket}' at http://127.0.0.1:9 cannot be reached (ECONNREFUSED); start its server, or correct ATLAS_BLOBS_URL`,
    )
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'wrong')
    expect(await sentence(newPlace())).toMatch(
      /does not know the credentials \(SignatureDoesNotMatch\); correct AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY$/,
    )
    vi.stubEnv('AWS_ACCESS_KEY_ID', 'nobody')
    expect(await sentence(newPlace())).toContain('does not know the credentials')
    vi.stubEnv('AWS_ACCESS_KEY_ID', undefined)
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', undefined)
    vi.stubEnv('AWS_EC2_METADATA_DISABLED', 'true')
    expect(await sentence(newPlace())).toBe(
      `there are no credentials for bucket '${bucket}' at ${server.endpoint}; set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY`,
    )
    vi.stubEnv('AWS_ACCESS_KEY_ID', server.credentials.accessKeyId)
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', server.credentials.secretAccessKey)
  })

  it('that goes away is unavailable, and is used again when it is back', async () => {
    const store = newStore()
    const info = await store.put('a', 'kept')
    await server.kill()
    for (const use of [
      () => store.get('a'),
      () => store.list(),
      () => store.put('b', 'x'),
      () => store.delete('a'),
    ])
      await expect(use()).rejects.toMatchObject({
        code: 'unavailable',
        message: "store 'content' cannot be reached now",
      })
    await server.restart()
    expect(await store.list()).toEqual([info])
    await store.put('b', 'x')
  })
})
