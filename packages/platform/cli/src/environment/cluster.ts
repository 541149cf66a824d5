import { type KubernetesObject, platform } from '@atlas/provision'
import {
  ApiException,
  ApisApi,
  CoreV1Api,
  KubeConfig,
  KubernetesObjectApi,
  PatchStrategy,
} from '@kubernetes/client-node'
import { CommandError, exitCode } from '../exit-code.ts'
import { lackingFor } from './needs.ts'

/** What of a servlet is in a cluster, as its namespace and its record say. */
export interface DeployedServlet {
  readonly servlet: string
  /** What was last begun. */
  readonly intended: string | undefined
  /** What was last finished, and its version. */
  readonly fingerprint: string | undefined
  readonly version: string | undefined
}

/** The cluster of an environment, by its context in the kubeconfig ($KUBECONFIG, or ~/.kube/config). */
export class EnvironmentCluster {
  readonly #config: KubeConfig
  readonly #context: string
  readonly #environment: string
  #any: KubernetesObjectApi | undefined

  /** @throws CommandError when the kubeconfig has no such context */
  constructor(environment: string, context: string) {
    this.#context = context
    this.#environment = environment
    this.#config = new KubeConfig()
    this.#config.loadFromDefault()
    if (!this.#config.getContextObject(context))
      throw new CommandError(
        `the kubeconfig has no context '${context}', which infra/environments/${environment}.json names as its cluster; it has ${
          this.#config
            .getContexts()
            .map(({ name }) => name)
            .join(', ') || 'none'
        }. Set KUBECONFIG, or get the credentials of the cluster`,
        exitCode.outside,
      )
    this.#config.setCurrentContext(context)
  }

  /** What is deployed, by servlet: two questions for all of them. */
  async deployed(): Promise<ReadonlyMap<string, DeployedServlet>> {
    const api = this.#config.makeApiClient(CoreV1Api)
    const [namespaces, records] = await this.#asking(() =>
      Promise.all([
        api.listNamespace({ labelSelector: 'atlas.dev/servlet' }),
        api.listConfigMapForAllNamespaces({ labelSelector: 'atlas.dev/record=true' }),
      ]),
    )
    const byNamespace = new Map(records.items.map((record) => [record.metadata!.namespace!, record.data]))
    return new Map(
      namespaces.items.map(({ metadata }): [string, DeployedServlet] => {
        const servlet = metadata!.labels!['atlas.dev/servlet']!
        const record = byNamespace.get(metadata!.name!)
        return [
          servlet,
          {
            servlet,
            intended: metadata!.annotations?.['atlas.dev/intended'],
            fingerprint: record?.fingerprint,
            version: record?.version,
          },
        ]
      }),
    )
  }

  /**
   * Looks whether the cluster can take these objects: before anything is sent, and not in the middle.
   *
   * @throws CommandError that names all that is missing, with the remedies
   */
  async mustTake(objects: readonly KubernetesObject[]): Promise<void> {
    const { groups } = await this.#asking(() => this.#config.makeApiClient(ApisApi).getAPIVersions())
    const served = new Set(groups.flatMap(({ versions }) => versions.map(({ groupVersion }) => groupVersion)))
    const lacking = lackingFor(objects, served)
    if (lacking.length > 0)
      throw new CommandError(
        [`the cluster of context '${this.#context}' lacks what servlets need:`, ...lacking].join('\n    '),
        exitCode.outside,
      )
    const gateways = Object.values(platform.gateways)
    const there = await Promise.all(
      gateways.map((name) =>
        this.live({
          apiVersion: 'gateway.networking.k8s.io/v1',
          kind: 'Gateway',
          metadata: { name, namespace: platform.namespace },
        }),
      ),
    )
    const gone = gateways.filter((_, index) => there[index] === undefined)
    if (gone.length > 0)
      throw new CommandError(
        `the cluster of context '${this.#context}' has no gateway ${gone.map((name) => `'${name}'`).join(' and no gateway ')} in ${platform.namespace}, so nothing would reach servlets; in infra/platform, run npx pulumi stack init ${this.#environment} once, then npx pulumi up -s ${this.#environment}`,
        exitCode.outside,
      )
  }

  /** An object as it is; undefined when it is not there. */
  async live(object: KubernetesObject): Promise<unknown> {
    const { apiVersion, kind, metadata } = object
    return this.#found(() => this.#objects().read({ apiVersion, kind, metadata: metadata as never }))
  }

  /** An object as it would be after it was applied; nothing is changed. Undefined when what it needs is not there. */
  async applied(object: KubernetesObject): Promise<unknown> {
    return this.#found(() =>
      this.#objects().patch(
        asClientHasIt(object) as never,
        undefined,
        'All',
        'atlas-diff',
        true,
        PatchStrategy.ServerSideApply,
      ),
    )
  }

  /** One for all questions: it remembers which kinds there are. */
  #objects(): KubernetesObjectApi {
    this.#any ??= KubernetesObjectApi.makeApiClient(this.#config)
    return this.#any
  }

  async #found<T>(ask: () => Promise<T>): Promise<T | undefined> {
    try {
      return await this.#asking(ask)
    } catch (error) {
      if (error instanceof ApiException && error.code === 404) return undefined
      throw error
    }
  }

  async #asking<T>(ask: () => Promise<T>): Promise<T> {
    try {
      return await ask()
    } catch (error) {
      if (error instanceof ApiException) {
        if (error.code === 404) throw error
        const body = typeof error.body === 'string' ? error.body : JSON.stringify(error.body)
        throw new CommandError(
          `the cluster of context '${this.#context}' answers ${error.code}: ${messageIn(body)}`,
          exitCode.outside,
        )
      }
      const { code, cause } = error as { code?: string; cause?: { code?: string } }
      throw new CommandError(
        `the cluster of context '${this.#context}' does not answer (${code ?? cause?.code ?? (error as Error).message}); see whether it runs, and whether KUBECONFIG is its own`,
        exitCode.outside,
      )
    }
  }
}

function messageIn(body: string): string {
  try {
    return String((JSON.parse(body) as { message?: string }).message ?? body)
  } catch {
    return body
  }
}

/** Words that TypeScript reserves have another name in the client's types, and what it sends is made by those. */
const renamed: Readonly<Record<string, string>> = { default: '_default', from: '_from' }

/** An object of a kind that the client has a type of, as that type has it. Others are sent as they are. */
function asClientHasIt(object: KubernetesObject): unknown {
  return object.kind === 'LimitRange' || object.kind === 'NetworkPolicy' ? renaming(object) : object
}

function renaming(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(renaming)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [renamed[key] ?? key, renaming(inner)]),
  )
}
