import { existsSync } from 'node:fs'
import { request as httpRequest, type IncomingMessage } from 'node:http'
import { Agent, request } from 'node:https'
import { homedir } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Cluster as ClusterConfig, KubeConfig } from '@kubernetes/client-node'
import { isNamespaced, type Kind } from './kinds.ts'
import { parseId } from './normalize.ts'
import { type Fields, fieldsAt, isFields, type Value } from './values.ts'

/** An answer of the API server that is no success. */
export class ClusterError extends Error {
  override readonly name = 'ClusterError'
  readonly status: number
  /** The reason as Kubernetes says it, such as `AlreadyExists`. */
  readonly reason: string
  /** After how many seconds the server wants to be asked again; it has not done what it was asked. */
  readonly retryAfterSeconds: number | undefined

  constructor(status: number, reason: string, message: string, retryAfterSeconds?: number) {
    super(message)
    this.status = status
    this.reason = reason
    this.retryAfterSeconds = retryAfterSeconds
  }
}

/** How often one thing is asked of a server that is too busy: as often as Kubernetes' own clients ask. */
const mostAttempts = 10

/** No such kind in the cluster. */
export class UnknownKindError extends Error {
  override readonly name = 'UnknownKindError'

  constructor({ apiVersion, kind }: Kind) {
    super(
      `the cluster has no kind ${kind} of ${apiVersion}. Verify that any required CRDs have been created before this`,
    )
  }
}

/** Which cluster, and how it is reached. */
export interface ClusterOptions {
  /** A path, or the contents, YAML or JSON. */
  readonly kubeconfig?: string | undefined
  readonly context?: string | undefined
  readonly cluster?: string | undefined
}

/** Reads the configuration of a client by the rules of kubectl. */
export function loadConfig({ kubeconfig, context, cluster }: ClusterOptions): KubeConfig {
  const config = new KubeConfig()
  const path = kubeconfig?.replace(/^~(?=\/)/, homedir())
  if (path === undefined || path === '') config.loadFromDefault()
  else if (!path.includes('\n') && existsSync(path)) config.loadFromFile(path)
  else if (/^\s*[{a-zA-Z]/.test(path) && /apiVersion/.test(path)) config.loadFromString(path)
  else throw new Error(`kubeconfig ${path.split('\n')[0]} is neither a file nor the contents of one`)
  if (context) {
    if (!config.getContextObject(context)) {
      throw new Error(
        `context "${context}" does not exist: the kubeconfig has ${config.contexts.map(({ name }) => name).join(', ')}`,
      )
    }
    config.setCurrentContext(context)
  }
  if (cluster) {
    const current = config.getContextObject(config.getCurrentContext())
    if (current) {
      const others = config.contexts.filter(({ name }) => name !== current.name)
      config.contexts = [...others, { ...current, cluster }]
    }
  }
  return config
}

/** The cluster that a configuration leads to. */
export function activeCluster(options: ClusterOptions): ClusterConfig | undefined {
  try {
    return loadConfig(options).getCurrentCluster() ?? undefined
  } catch {
    return undefined
  }
}

interface Resource {
  readonly plural: string
  readonly namespaced: boolean
}

/** A cluster, asked over its REST interface. */
export class Cluster {
  readonly #config: KubeConfig
  readonly #server: URL
  readonly #agent: Agent | undefined
  readonly #resources = new Map<string, Promise<Map<string, Resource>>>()

  /** @throws Error when the configuration names no cluster */
  constructor(config: KubeConfig) {
    const server = config.getCurrentCluster()?.server
    if (!server) throw new Error('the kubeconfig has no current cluster')
    this.#config = config
    this.#server = new URL(server)
    this.#agent =
      this.#server.protocol === 'https:' ? new Agent({ keepAlive: true, maxSockets: 50 }) : undefined
  }

  /** The namespace of the current context, if it says one. */
  get contextNamespace(): string | undefined {
    return this.#config.getContextObject(this.#config.getCurrentContext())?.namespace
  }

  /**
   * Asks, and resolves with the answer's JSON. What a busy server puts off is asked again when it says, and what was only read is
   * read again when the connection breaks.
   *
   * @throws ClusterError when the server refuses, Error when it does not answer
   */
  async ask(
    method: string,
    path: string,
    body?: unknown,
    { type = 'application/json', signal }: { type?: string; signal?: AbortSignal } = {},
  ): Promise<Fields> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.#askOnce(method, path, body, type, signal)
      } catch (error) {
        const seconds = secondsToWait(error, method)
        if (seconds === undefined || attempt >= mostAttempts) throw error
        await sleep(seconds * 1_000, undefined, signal === undefined ? {} : { signal })
      }
    }
  }

  async #askOnce(
    method: string,
    path: string,
    body: unknown,
    type: string,
    signal: AbortSignal | undefined,
  ): Promise<Fields> {
    const options: any = {
      method,
      agent: this.#agent,
      timeout: 60_000,
      headers: { accept: 'application/json' },
      ...(signal === undefined ? {} : { signal }),
    }
    // Certificates, tokens, and commands that get tokens.
    await this.#config.applyToHTTPSOptions(options)
    options.agent = this.#agent
    const definitions = path.includes('/customresourcedefinitions')
    const sent = definitions ? renameKeys(body as Value, toKubernetes) : body
    const text = body === undefined ? undefined : JSON.stringify(sent)
    if (text !== undefined) {
      options.headers = {
        ...options.headers,
        'content-type': type,
        'content-length': Buffer.byteLength(text),
      }
    }
    const base = this.#server.pathname.replace(/\/$/, '')
    const url = new URL(`${base}${path}`, this.#server)
    return new Promise((resolve, reject) => {
      const asked = (url.protocol === 'https:' ? request : httpRequest)(url, options, (response) => {
        const chunks: Buffer[] = []
        response.on('data', (chunk) => chunks.push(chunk))
        response.on('error', reject)
        response.on('end', () => {
          const answer = Buffer.concat(chunks).toString()
          const json = parse(answer)
          if (response.statusCode! < 400) {
            return resolve(definitions ? (renameKeys(json ?? {}, toPulumi) as Fields) : (json ?? {}))
          }
          reject(
            new ClusterError(
              response.statusCode!,
              String(json?.reason ?? ''),
              String(json?.message ?? (answer || response.statusMessage)),
              retryAfter(response),
            ),
          )
        })
      })
      asked.on('timeout', () => asked.destroy(new Error(`${method} ${path}: no answer within 60 s`)))
      asked.on('error', reject)
      asked.end(text)
    })
  }

  /** Whether objects of a kind are in a namespace. @throws UnknownKindError */
  async namespaced(kind: Kind): Promise<boolean> {
    return isNamespaced(kind) ?? (await this.#resource(kind)).namespaced
  }

  /** The path of a kind's objects, or of one. @throws UnknownKindError */
  async path(kind: Kind, namespace: string | undefined, name?: string): Promise<string> {
    const { plural, namespaced } = await this.#resource(kind)
    const group = groupPath(kind.apiVersion)
    const within = namespaced ? `/namespaces/${namespace ?? 'default'}` : ''
    return `${group}${within}/${plural}${name === undefined ? '' : `/${encodeURIComponent(name)}`}`
  }

  /** An object by its id; undefined when it, or its kind, is not there. */
  async find(kind: Kind, id: string): Promise<Fields | undefined> {
    const { namespace, name } = parseId(id)
    try {
      return await this.ask('GET', await this.path(kind, namespace, name))
    } catch (error) {
      if (error instanceof UnknownKindError) return undefined
      if (error instanceof ClusterError && error.status === 404) return undefined
      throw error
    }
  }

  /** The objects of a kind in a namespace that match labels. */
  async list(
    kind: Kind,
    namespace: string,
    labels: Readonly<Record<string, unknown>> = {},
  ): Promise<Fields[]> {
    const selector = Object.entries(labels)
      .map(([key, value]) => `${key}=${value}`)
      .join(',')
    const query = selector === '' ? '' : `?labelSelector=${encodeURIComponent(selector)}`
    const { items } = await this.ask('GET', `${await this.path(kind, namespace)}${query}`)
    return (items ?? []) as Fields[]
  }

  /** Forgets what kinds there are: a definition of new ones was made. */
  forgetKinds(): void {
    this.#resources.clear()
  }

  close(): void {
    this.#agent?.destroy()
  }

  async #resource(kind: Kind): Promise<Resource> {
    const known = (await this.#discover(kind.apiVersion)).get(kind.kind)
    if (known) return known
    // It may have been added since.
    this.#resources.delete(kind.apiVersion)
    const found = (await this.#discover(kind.apiVersion)).get(kind.kind)
    if (!found) throw new UnknownKindError(kind)
    return found
  }

  #discover(apiVersion: string): Promise<Map<string, Resource>> {
    const known = this.#resources.get(apiVersion)
    if (known) return known
    const asked = this.ask('GET', groupPath(apiVersion)).then(
      ({ resources }) => {
        const found = new Map<string, Resource>()
        for (const one of (resources ?? []) as Fields[]) {
          // Those with a slash are parts of others, such as "deployments/scale".
          if (String(one.name).includes('/')) continue
          found.set(String(one.kind), { plural: String(one.name), namespaced: one.namespaced === true })
        }
        return found
      },
      (error) => {
        this.#resources.delete(apiVersion)
        if (error instanceof ClusterError && error.status === 404) return new Map<string, Resource>()
        throw error
      },
    )
    this.#resources.set(apiVersion, asked)
    return asked
  }
}

function retryAfter({ statusCode, headers }: IncomingMessage): number | undefined {
  const seconds = Number(headers['retry-after'])
  const maySay = statusCode === 429 || statusCode! >= 500
  return maySay && headers['retry-after'] !== undefined && Number.isFinite(seconds) ? seconds : undefined
}

/** After how many seconds the same may be asked again without the risk that it is done twice; undefined when never. */
function secondsToWait(error: unknown, method: string): number | undefined {
  if (error instanceof ClusterError) return error.retryAfterSeconds
  const { code } = error as NodeJS.ErrnoException
  // The server closed a connection while it was used again.
  return method === 'GET' && (code === 'ECONNRESET' || code === 'EPIPE') ? 1 : undefined
}

/** Labels that a workload selects its pods by; undefined when it also has expressions. */
export function matchLabels(object: Fields): Fields | undefined {
  const selector = fieldsAt(fieldsAt(object, 'spec'), 'selector')
  if (Array.isArray(selector.matchExpressions) && selector.matchExpressions.length > 0) return undefined
  return fieldsAt(selector, 'matchLabels')
}

function groupPath(apiVersion: string): string {
  return apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`
}

function parse(text: string): Fields | undefined {
  try {
    const value = JSON.parse(text)
    return isFields(value) ? value : undefined
  } catch {
    return undefined
  }
}

/** Keys of schemas in definitions, whose hyphens Pulumi's property names do not have. */
const schemaKeys = [
  'x-kubernetes-embedded-resource',
  'x-kubernetes-int-or-string',
  'x-kubernetes-list-map-keys',
  'x-kubernetes-list-type',
  'x-kubernetes-map-type',
  'x-kubernetes-preserve-unknown-fields',
  'x-kubernetes-validations',
]
const toPulumi = new Map(schemaKeys.map((key) => [key, key.replaceAll('-', '_')]))
const toKubernetes = new Map(schemaKeys.map((key) => [key.replaceAll('-', '_'), key]))

function renameKeys(value: Value, names: ReadonlyMap<string, string>): Value {
  if (Array.isArray(value)) return value.map((item) => renameKeys(item, names))
  if (!isFields(value)) return value
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [names.get(key) ?? key, renameKeys(item, names)]),
  )
}
