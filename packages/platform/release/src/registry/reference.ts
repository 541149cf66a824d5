/** Where an image, or a folder of images, is. */
export interface Reference {
  /** `https://registry.acme.example` */
  readonly origin: string
  /** `servlets/greeter` */
  readonly repository: string
  readonly tag?: string
  readonly digest?: string
}

const shape =
  /^(https?:\/\/)?([^/@]+(?::\d+)?)\/([a-z0-9]+(?:[._/-]+[a-z0-9]+)*)(?::([A-Za-z0-9_][A-Za-z0-9._-]{0,127}))?(?:@(sha256:[0-9a-f]{64}))?$/

/** What people write is not always the host: Docker Hub answers elsewhere. */
const otherHosts: Readonly<Record<string, string>> = { 'docker.io': 'registry-1.docker.io' }

/**
 * Reads `registry.example/servlets/greeter:1.2.0@sha256:...`. With `http://` in front it is a registry without TLS.
 *
 * @throws TypeError when it is no such name
 */
export function parseReference(text: string): Reference {
  const found = shape.exec(text)
  if (!found)
    throw new TypeError(
      `'${text}' names nothing in a registry; write HOST/PATH as in registry.example/servlets, in lower case, with http:// in front for one without TLS`,
    )
  const [, scheme = 'https://', host = '', repository = '', tag, digest] = found
  return {
    origin: `${scheme}${otherHosts[host] ?? host}`,
    repository,
    ...(tag !== undefined && { tag }),
    ...(digest !== undefined && { digest }),
  }
}

/** The name by which others know it: without the scheme. */
export function showReference({ origin, repository, tag, digest }: Reference): string {
  const host = origin.replace(/^https?:\/\//, '')
  return `${host}/${repository}${tag === undefined ? '' : `:${tag}`}${digest === undefined ? '' : `@${digest}`}`
}
