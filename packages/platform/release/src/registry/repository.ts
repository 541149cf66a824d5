import { sha256 } from '../bundle/digest.ts'
import { Connection, type RegistryAnswer } from './connection.ts'
import { RegistryRefused } from './errors.ts'
import { type Descriptor, dockerTypes, type Index, type Manifest, mediaTypes } from './media-types.ts'
import { Fleeting, type Patience } from './patience.ts'
import { parseReference, type Reference } from './reference.ts'

/** Larger blobs go in pieces of this size, so that a broken connection costs one piece. */
const pieceBytes = 8 * 1024 * 1024

/** How often a lost upload is begun anew. */
const uploads = 3

/** A blob that can be read as often as it takes. */
export interface BlobSource {
  readonly digest: string
  readonly size: number
  open(): Promise<Blob>
}

/** A manifest with the bytes that its digest is of. */
export interface StoredManifest<T = Manifest | Index> {
  readonly digest: string
  readonly mediaType: string
  readonly bytes: Uint8Array
  readonly value: T
}

/** A repository of a registry that speaks OCI distribution 1.1, or 1.0 without its list of referrers. */
export class Repository {
  readonly name: string
  readonly #connection: Connection
  readonly #scope: string

  constructor(reference: Reference, patience: Patience = {}, connection?: Connection) {
    this.name = reference.repository
    this.#connection = connection ?? new Connection(reference.origin, patience)
    this.#scope = `repository:${this.name}:pull,push`
  }

  /** The digest of what a tag or digest names now; undefined where there is none. */
  async digestOf(name: string): Promise<string | undefined> {
    const { status, headers } = await this.#ask('HEAD', `manifests/${name}`, {
      headers: { accept: manifestTypes },
      accept: [200, 404],
    })
    if (status === 404) return undefined
    return headers.get('docker-content-digest') ?? (await this.manifest(name))?.digest
  }

  /** A manifest by tag or digest; undefined where there is none. */
  async manifest(name: string): Promise<StoredManifest | undefined> {
    const { status, headers, body } = await this.#ask('GET', `manifests/${name}`, {
      headers: { accept: manifestTypes },
      accept: [200, 404],
      read: 'bytes',
    })
    if (status === 404) return undefined
    const digest = sha256(body)
    if (name.startsWith('sha256:') && digest !== name)
      throw new Fleeting(`${this.name}@${name} has the content of ${digest}`)
    const value = JSON.parse(Buffer.from(body).toString('utf8')) as Manifest | Index
    return { digest, mediaType: headers.get('content-type') ?? value.mediaType, bytes: body, value }
  }

  /** A blob, checked. */
  async blob(digest: string): Promise<Uint8Array> {
    const { body } = await this.#ask('GET', `blobs/${digest}`, { accept: [200], read: 'bytes' })
    if (sha256(body) !== digest) throw new RegistryRefused(`the registry has other bytes under ${digest}`)
    return body
  }

  async hasBlob(digest: string): Promise<boolean> {
    const { status } = await this.#ask('HEAD', `blobs/${digest}`, { accept: [200, 404] })
    return status === 200
  }

  /**
   * Makes sure that a blob is there. Nothing is sent where it is already, here or in a repository that it may be taken from.
   *
   * @returns whether bytes were sent
   */
  async pushBlob(blob: BlobSource, from?: string): Promise<boolean> {
    if (await this.hasBlob(blob.digest)) return false
    if (from !== undefined && from !== this.name && (await this.#mount(blob.digest, from))) return false
    for (let upload = 1; ; upload++) {
      try {
        await this.#upload(blob)
        return true
      } catch (error) {
        // The registry may have all of it and only the answer was lost; or it has forgotten the upload.
        if (await this.hasBlob(blob.digest)) return true
        if (!(error instanceof RegistryRefused) || upload >= uploads) throw error
      }
    }
  }

  async #mount(digest: string, from: string): Promise<boolean> {
    const query = new URLSearchParams({ mount: digest, from })
    const { status, headers } = await this.#ask('POST', `blobs/uploads/?${query}`, {
      accept: [201, 202, 400, 404, 405],
    })
    // Where it cannot, it has begun an upload, which nobody needs.
    const location = headers.get('location')
    if (status === 202 && location !== null)
      await this.#connection
        .ask({ method: 'DELETE', path: location, accept: [200, 202, 204, 400, 404, 405] }, this.#scope)
        .catch(() => {})
    return status === 201
  }

  async #upload({ digest, size, open }: BlobSource): Promise<void> {
    const started = await this.#ask('POST', 'blobs/uploads/', { accept: [202] })
    let location = this.#locationOf(started)
    const bytes = await open()
    const finish = (body: Blob | undefined) => {
      const url = new URL(location, this.#connection.origin)
      url.searchParams.set('digest', digest)
      return this.#connection.ask(
        {
          method: 'PUT',
          path: url.href,
          headers: { 'content-type': 'application/octet-stream' },
          ...(body && { body }),
          accept: [201],
        },
        this.#scope,
      )
    }
    if (size <= pieceBytes) {
      await finish(bytes)
      return
    }
    for (let at = 0; at < size; at += pieceBytes) {
      const end = Math.min(size, at + pieceBytes)
      const answer = await this.#connection.ask(
        {
          method: 'PATCH',
          path: location,
          headers: { 'content-type': 'application/octet-stream', 'content-range': `${at}-${end - 1}` },
          body: bytes.slice(at, end),
          // 416: it has this piece already, and only the answer was lost.
          accept: [202, 204, 416],
        },
        this.#scope,
      )
      location = this.#locationOf(answer, location)
    }
    await finish(undefined)
  }

  #locationOf({ headers }: RegistryAnswer, known?: string): string {
    const location = headers.get('location') ?? known
    if (location === undefined)
      throw new RegistryRefused(
        `${this.#connection.origin} does not say where to upload to; is it an OCI registry?`,
      )
    return location
  }

  /**
   * Puts a manifest under its digest, or under a tag.
   *
   * @returns whether the registry lists it among the referrers of its subject by itself
   */
  async putManifest(
    bytes: Uint8Array,
    mediaType: string,
    tag?: string,
  ): Promise<{ listsReferrers: boolean }> {
    const { headers } = await this.#ask('PUT', `manifests/${tag ?? sha256(bytes)}`, {
      headers: { 'content-type': mediaType },
      body: new Blob([Buffer.from(bytes)]),
      accept: [200, 201, 202],
    })
    return { listsReferrers: headers.has('oci-subject') }
  }

  /** What refers to a manifest: the registry's own list, else the one that clients keep under a tag. */
  async referrers(digest: string, artifactType?: string): Promise<readonly Descriptor[]> {
    const { status, headers, body } = await this.#ask('GET', `referrers/${digest}`, {
      accept: [200, 400, 404, 405],
      headers: { accept: mediaTypes.index },
      read: 'bytes',
    })
    const listed =
      status === 200 && (headers.get('content-type') ?? '').startsWith(mediaTypes.index)
        ? (JSON.parse(Buffer.from(body).toString('utf8')) as Index).manifests
        : await this.#taggedReferrers(digest)
    return listed.filter((each) => artifactType === undefined || each.artifactType === artifactType)
  }

  async #taggedReferrers(digest: string): Promise<readonly Descriptor[]> {
    const found = await this.manifest(tagOfReferrers(digest))
    return (found?.value as Index | undefined)?.manifests ?? []
  }

  /** Puts something that refers to a manifest, and sees to it that it is listed. */
  async putReferrer(manifest: Manifest & { readonly subject: Descriptor }): Promise<string> {
    const bytes = Buffer.from(JSON.stringify(manifest))
    const { listsReferrers } = await this.putManifest(bytes, manifest.mediaType)
    const digest = sha256(bytes)
    if (listsReferrers) return digest
    const entry: Descriptor = {
      mediaType: manifest.mediaType,
      digest,
      size: bytes.length,
      ...(manifest.artifactType !== undefined && { artifactType: manifest.artifactType }),
      ...(manifest.annotations && { annotations: manifest.annotations }),
    }
    // Two who add at once may lose one of theirs: whoever does not find his own afterwards adds it again.
    const tag = tagOfReferrers(manifest.subject.digest)
    for (let attempt = 0; attempt < 10; attempt++) {
      const known = await this.#taggedReferrers(manifest.subject.digest)
      if (known.some((each) => each.digest === digest)) return digest
      const index: Index = { schemaVersion: 2, mediaType: mediaTypes.index, manifests: [...known, entry] }
      await this.putManifest(Buffer.from(JSON.stringify(index)), mediaTypes.index, tag)
    }
    throw new Fleeting(`the list of referrers ${tag} is changed by others all the time`)
  }

  #ask(
    method: 'GET' | 'HEAD' | 'POST' | 'PUT',
    path: string,
    options: Omit<Parameters<Connection['ask']>[0], 'method' | 'path'>,
  ): Promise<RegistryAnswer> {
    return this.#connection.ask({ method, path: `/v2/${this.name}/${path}`, ...options }, this.#scope)
  }
}

const manifestTypes = [...Object.values(dockerTypes), mediaTypes.manifest, mediaTypes.index].join(', ')

/** Where clients keep the list for registries that keep none (OCI distribution 1.1, "referrers tag schema"). */
function tagOfReferrers(digest: string): string {
  return digest.replace(':', '-')
}

/** The repository of a servlet in a registry with a path. */
export function repositoryOf(registry: string, servlet: string, patience?: Patience): Repository {
  const { origin, repository } = parseReference(`${registry.replace(/\/+$/, '')}/${servlet}`)
  return new Repository({ origin, repository }, patience)
}
