import { type Credentials, credentialsFor } from './credentials.ts'
import { RegistryRefused } from './errors.ts'
import { Fleeting, type Patience, patiently } from './patience.ts'

/** A request of a registry. */
export interface RegistryRequest {
  readonly method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** `/v2/servlets/greeter/manifests/1.2.0`, or the whole URL that the registry gave. */
  readonly path: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: Blob | string
  /** Statuses that are answers. All others are refusals. */
  readonly accept: readonly number[]
  /** Takes the answer while the time of the request runs. @default its body is thrown away */
  readonly read?: 'bytes'
}

/** What a registry answered. */
export interface RegistryAnswer {
  readonly status: number
  readonly headers: Headers
  readonly body: Uint8Array
}

/** Speaks to one registry: with patience, and with credentials where it asks for them. */
export class Connection {
  readonly #authorization = new Map<string, string>()
  #credentials: Promise<Credentials | undefined> | undefined
  readonly origin: string
  readonly patience: Patience

  constructor(origin: string, patience: Patience) {
    this.origin = origin
    this.patience = patience
  }

  /**
   * @param scope what a token has to allow, `repository:servlets/greeter:pull,push`
   * @throws RegistryUnavailable when there is no answer, RegistryRefused when it is none of those that are accepted
   */
  async ask(request: RegistryRequest, scope: string): Promise<RegistryAnswer> {
    const url = new URL(request.path, this.origin)
    const what = `${request.method} ${url.origin}${url.pathname}`
    return patiently(what, this.patience, async (signal) => {
      let answer = await this.#once(url, request, scope, signal)
      if (answer.status === 401 && (await this.#logIn(answer.headers, scope, signal)))
        answer = await this.#once(url, request, scope, signal)
      if (request.accept.includes(answer.status)) return answer
      const { status } = answer
      const said = `${status} ${Buffer.from(answer.body).toString('utf8').slice(0, 300)}`.trim()
      if (status === 408 || status === 429 || status >= 500)
        throw new Fleeting(`it answers ${said}`, { afterMs: retryAfterMs(answer.headers) })
      if (status === 401 || status === 403)
        throw new RegistryRefused(
          `${what} is not allowed (${said}); log in to ${url.host} with an account that may push there, as in docker login ${url.host}`,
        )
      throw new RegistryRefused(`${what} was refused: ${said}`)
    })
  }

  async #once(
    url: URL,
    request: RegistryRequest,
    scope: string,
    signal: AbortSignal,
  ): Promise<RegistryAnswer> {
    const authorization = this.#authorization.get(scope)
    const response = await fetch(url, {
      method: request.method,
      headers: {
        ...request.headers,
        // A place where a blob lies may be another host, which our token is none of the business of.
        ...(authorization !== undefined && url.origin === this.origin && { authorization }),
      },
      ...(request.body !== undefined && { body: request.body }),
      signal,
    })
    const { status, headers } = response
    const read = request.read === 'bytes' || status >= 400
    // Read or not, the body is waited for: a connection with a rest on it is not used again.
    const body = new Uint8Array(await response.arrayBuffer())
    return { status, headers, body: read ? body : new Uint8Array() }
  }

  /** Does what a challenge asks for. @returns whether there is anything new to try with */
  async #logIn(headers: Headers, scope: string, signal: AbortSignal): Promise<boolean> {
    const challenge = headers.get('www-authenticate') ?? ''
    this.#credentials ??= credentialsFor(new URL(this.origin).host)
    const credentials = await this.#credentials
    const basic =
      credentials &&
      `Basic ${Buffer.from(`${credentials.username}:${credentials.password}`).toString('base64')}`
    if (/^basic/i.test(challenge)) {
      if (basic === undefined || this.#authorization.get(scope) === basic) return false
      this.#authorization.set(scope, basic)
      return true
    }
    const realm = /realm="([^"]+)"/.exec(challenge)?.[1]
    if (!/^bearer/i.test(challenge) || realm === undefined) return false
    const url = new URL(realm)
    const service = /service="([^"]+)"/.exec(challenge)?.[1]
    if (service !== undefined) url.searchParams.set('service', service)
    url.searchParams.set('scope', scope)
    const response = await fetch(url, {
      headers: basic === undefined ? {} : { authorization: basic },
      signal,
    })
    if (response.status >= 500) throw new Fleeting(`${url.origin} answers ${response.status}`)
    const { token, access_token: accessToken } = response.ok
      ? ((await response.json()) as { token?: string; access_token?: string })
      : {}
    const bearer = token ?? accessToken
    if (bearer === undefined) return false
    this.#authorization.set(scope, `Bearer ${bearer}`)
    return true
  }
}

function retryAfterMs(headers: Headers): number | undefined {
  const seconds = Number(headers.get('retry-after') ?? Number.NaN)
  return Number.isFinite(seconds) ? seconds * 1000 : undefined
}
