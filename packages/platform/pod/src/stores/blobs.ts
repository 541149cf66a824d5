import { storeVariable } from '@atlas/manifest/variables'
import { readBlobsUrl } from '@atlas/stores'
import { prepareS3, s3Store } from '@atlas/stores/s3'
import type { StoreOpener } from './store-opener.ts'

/**
 * Blobs in a bucket: the variable of the store has `s3://BUCKET[/FOLDER][?region=][&endpoint=]`, where nothing else is kept. Credentials are
 * found as by every program that uses AWS.
 */
export const blobs: StoreOpener = {
  async open({ servlet, store, where }) {
    const place = readBlobsUrl(where, storeVariable(servlet, store))
    // What is wrong with it is said before anybody asks for the servlet.
    await prepareS3(place)
    return s3Store(place, store)
  },
}
