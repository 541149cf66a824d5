import { expect, it } from 'vitest'
import { placeOfStore, readBlobsUrl } from './s3-place.ts'

it('a URL names bucket, folder, region and server', () => {
  expect(readBlobsUrl('s3://acme-blobs')).toEqual({
    kind: 's3',
    bucket: 'acme-blobs',
    prefix: '',
    variable: 'ATLAS_BLOBS_URL',
  })
  expect(
    readBlobsUrl('s3://acme-blobs/a/b/?region=eu-central-1&endpoint=http://127.0.0.1:9000'),
  ).toMatchObject({
    bucket: 'acme-blobs',
    prefix: 'a/b/',
    region: 'eu-central-1',
    endpoint: 'http://127.0.0.1:9000',
  })
})

it.each([
  ['acme', 'is no URL'],
  ['https://acme.s3.amazonaws.com', 'starts with https://, which is no kind of store'],
  ['s3:///folder', 'names no bucket'],
  ['s3://Acme_Blobs', 'names no bucket'],
  ['s3://acme?regoin=eu', "has 'regoin', which is no option"],
  ['s3://acme?endpoint=127.0.0.1:9000', "has the endpoint '127.0.0.1:9000'"],
  ['s3://acme?region=', 'has an empty region'],
  ['s3://acme/100%', 'has a % in its folder that stands for nothing (write %25)'],
])('%s is refused, with an example', (text, why) => {
  expect(() => readBlobsUrl(text)).toThrow(why)
  expect(() => readBlobsUrl(text)).toThrow('write s3://BUCKET/FOLDER?region=eu-central-1')
})

it('credentials in a URL are refused, and not repeated', () => {
  const read = () => readBlobsUrl('s3://key:hunter2@acme')
  expect(read).toThrow('set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY')
  expect(read).not.toThrow('hunter2')
})

it('a refusal names the variable that the URL is in', () => {
  expect(() => readBlobsUrl('acme', 'ATLAS_STORE_FILES_CONTENT')).toThrow(
    'ATLAS_STORE_FILES_CONTENT is no URL',
  )
})

it('every store has a place of its own, within what names may have', () => {
  const all = readBlobsUrl('s3://acme/blobs')
  expect(placeOfStore(all, ['local.feature-x', 'files', 'content'])).toMatchObject({
    kind: 's3',
    prefix: 'blobs/local.feature-x/files/content/',
  })
  expect(() => placeOfStore(readBlobsUrl(`s3://acme/${'x'.repeat(200)}`), ['local', 'files'])).toThrow(
    'is 13 bytes too long; shorten the folder in ATLAS_BLOBS_URL',
  )
})
