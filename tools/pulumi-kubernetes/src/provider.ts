import { createHash } from 'node:crypto'
import { setMaxListeners } from 'node:events'
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { status as grpcStatus } from '@grpc/grpc-js'
import { stringify } from 'yaml'
import { activeCluster, Cluster, ClusterError, loadConfig, UnknownKindError } from './cluster.ts'
import { compare, isBelow, isIgnored, parsePath } from './diff.ts'
import { EngineLog } from './engine.ts'
import { isNamespaced, type Kind, kindOfType, parseUrn, replacingPaths, unsupported } from './kinds.ts'
import { adoptFields, ownedByOthersOnly } from './managers.ts'
import { type Autonaming, isAutonamed, withName } from './naming.ts'
import { normalize, objectId, parseId } from './normalize.ts'
import { prune } from './prune.ts'
import { type Readiness, readinessOf } from './readiness.ts'
import {
  failure,
  fromStruct,
  type InitFailure,
  initFailure,
  type Method,
  protocol,
  toStruct,
} from './server.ts'
import {
  equal,
  type Fields,
  fieldsAt,
  hasUnknown,
  isFields,
  rewrap,
  secret,
  textAt,
  unwrap,
  type Value,
} from './values.ts'

/** The version of the official provider whose programs it serves. */
export const providerVersion = '4.34.2'

/** Who creates; what it owns moves to the field manager of the resource with the first update. */
const creator = 'pulumi-kubernetes'

/** How long an object may take to become ready, or to go, unless the program says otherwise, in seconds. */
const defaultTimeoutSeconds = 600

/** How often it is looked at meanwhile, in ms. */
const lookEveryMs = 500

/** Waits between attempts to create what may become possible: its namespace, or its kind, is being made. */
const retryDelaysMs = [1_000, 2_000, 4_000, 8_000, 16_000]

interface Settings {
  readonly namespace: string | undefined
  readonly patchForce: boolean
  readonly upsert: boolean
  readonly configMapsMutable: boolean
  readonly secretsMutable: boolean
  readonly deleteUnreachable: boolean
  readonly skipUpdateUnreachable: boolean
  readonly renderTo: string | undefined
}

/** The provider: methods of Pulumi's ResourceProvider service over one cluster. */
export class Provider {
  readonly #log = new EngineLog()
  readonly #cancelled = new AbortController()
  #settings!: Settings
  #cluster: Cluster | undefined
  /** Why the cluster cannot be reached. */
  #unreachable: string | undefined
  /** Kinds whose definition this run declares, which the cluster may not know yet. */
  readonly #declaredKinds = new Map<string, boolean>()

  constructor(engineAddress: string | undefined) {
    // As many wait at once as the engine has objects to make; Node would warn of more than ten.
    setMaxListeners(0, this.#cancelled.signal)
    this.#log.connect(engineAddress)
  }

  /** Its methods, by their names in the service. */
  methods(): Record<string, Method> {
    return {
      attach: async (request) => {
        this.#log.connect(request.getAddress())
        return new protocol.empty()
      },
      getPluginInfo: async () => new protocol.plugin.PluginInfo().setVersion(providerVersion),
      getSchema: async () => new protocol.provider.GetSchemaResponse().setSchema('{}'),
      checkConfig: (request) => this.#checkConfig(request),
      diffConfig: (request) => this.#diffConfig(request),
      configure: (request) => this.#configure(request),
      invoke: async (request) => {
        throw failure(
          grpcStatus.UNIMPLEMENTED,
          `${request.getTok()} is not in this stand-in of the Kubernetes provider. The official plugin has it: pulumi plugin install resource kubernetes`,
        )
      },
      check: (request) => this.#check(request),
      diff: (request) => this.#diff(request),
      create: (request) => this.#create(request),
      read: (request) => this.#read(request),
      update: (request) => this.#update(request),
      delete: (request) => this.#delete(request),
      cancel: async () => {
        this.#cancelled.abort(new Error('cancelled'))
        return new protocol.empty()
      },
    }
  }

  async #checkConfig(request: any): Promise<unknown> {
    const news = fromStruct(request.getNews())
    const inputs = unwrap(news) as Fields
    const response = new protocol.provider.CheckResponse()
    response.setInputs(request.getNews())
    const fail = (property: string, reason: string) =>
      response.addFailures(new protocol.provider.CheckFailure().setProperty(property).setReason(reason))
    if (isTrue(inputs.strictMode) && (!inputs.kubeconfig || !inputs.context)) {
      fail('strictMode', 'strictMode needs an explicit kubeconfig and context')
    }
    if (inputs.renderYamlToDirectory) {
      for (const key of ['context', 'cluster', 'kubeconfig']) {
        if (!inputs[key] || (key === 'kubeconfig' && inputs[key] === process.env.KUBECONFIG)) continue
        fail(key, `${key} is of no use with renderYamlToDirectory, which asks no cluster`)
      }
    }
    if (inputs.enableServerSideApply !== undefined && !isTrue(inputs.enableServerSideApply)) {
      fail(
        'enableServerSideApply',
        'this stand-in applies on the server only; the official plugin can do otherwise',
      )
    }
    return response
  }

  async #diffConfig(request: any): Promise<unknown> {
    const olds = unwrap(fromStruct(request.getOlds())) as Fields
    const news = unwrap(fromStruct(request.getNews())) as Fields
    const response = new protocol.provider.DiffResponse()
    const changed = [...new Set([...Object.keys(olds), ...Object.keys(news)])].filter(
      (key) => key !== 'version' && !equal(olds[key], news[key]),
    )
    response.setDiffsList(changed)
    response.setChanges(changed.length > 0 ? 2 : 1)
    response.setReplacesList(replacesProvider(olds, news, changed))
    return response
  }

  async #configure(request: any): Promise<unknown> {
    const prefix = 'kubernetes:config:'
    const given = new Map<string, string>()
    for (const [key, value] of request.getVariablesMap().entries()) given.set(key.replace(prefix, ''), value)
    const get = (key: string, variable?: string) => {
      const value = given.get(key) ?? (variable === undefined ? undefined : process.env[variable])
      return value === '' ? undefined : value
    }
    this.#settings = {
      namespace: get('namespace'),
      patchForce: isTrue(get('enablePatchForce', 'PULUMI_K8S_ENABLE_PATCH_FORCE')),
      upsert: isTrue(get('upsertExistingObjects', 'PULUMI_K8S_UPSERT_EXISTING_OBJECTS')),
      configMapsMutable: isTrue(get('enableConfigMapMutable', 'PULUMI_K8S_ENABLE_CONFIGMAP_MUTABLE')),
      secretsMutable: isTrue(get('enableSecretMutable', 'PULUMI_K8S_ENABLE_SECRET_MUTABLE')),
      deleteUnreachable: isTrue(get('deleteUnreachable', 'PULUMI_K8S_DELETE_UNREACHABLE')),
      skipUpdateUnreachable: isTrue(get('skipUpdateUnreachable', 'PULUMI_K8S_SKIP_UPDATE_UNREACHABLE')),
      renderTo: get('renderYamlToDirectory'),
    }
    if (this.#settings.renderTo === undefined) {
      // A cluster that is not there is no error yet: a preview goes on without one.
      try {
        const config = loadConfig({
          kubeconfig: get('kubeconfig', 'KUBECONFIG'),
          context: get('context'),
          cluster: get('cluster'),
        })
        this.#cluster = new Cluster(config)
        await this.#cluster.ask('GET', '/version')
      } catch (error) {
        this.#unreachable = (error as Error).message
      }
    }
    return new protocol.provider.ConfigureResponse()
      .setAcceptsecrets(true)
      .setSupportspreview(true)
      .setSupportsAutonamingConfiguration(true)
  }

  async #check(request: any): Promise<unknown> {
    const { type, name } = parseUrn(request.getUrn())
    const kind = kindOfType(type)
    const lacking = unsupported(type, kind)
    if (lacking !== undefined) {
      throw failure(
        grpcStatus.UNIMPLEMENTED,
        `${type}: this stand-in of the Kubernetes provider does not do ${lacking}. The official plugin may: pulumi plugin install resource kubernetes`,
      )
    }
    const news = fromStruct(request.getNews())
    const olds =
      request.getOlds() === undefined ? undefined : (unwrap(fromStruct(request.getOlds())) as Fields)
    const hasOlds = olds !== undefined && Object.keys(olds).length > 0
    const response = new protocol.provider.CheckResponse()
    if (this.#unreachable !== undefined && this.#settings.skipUpdateUnreachable && hasOlds) {
      this.#log.warning(
        request.getUrn(),
        `the cluster cannot be reached (${this.#unreachable}): left as it is`,
      )
      return response.setInputs(request.getOlds())
    }
    let inputs = normalize(unwrap(news) as Fields, kind)
    if (fieldsAt(inputs, 'metadata').generateName !== undefined) {
      return response.addFailures(
        new protocol.provider.CheckFailure()
          .setProperty('metadata.generateName')
          .setReason(
            'generateName has no place in declared state: leave the name out, and Pulumi makes one up',
          ),
      )
    }
    const autonaming = request.getAutonaming()
    inputs = withName(inputs, {
      olds: hasOlds ? olds : undefined,
      programName: name,
      randomSeed: request.getRandomseed_asU8(),
      autonaming: autonaming && toAutonaming(autonaming),
    })
    inputs = await this.#withNamespace(inputs, kind)
    this.#rememberDefinition(inputs, kind)
    const marked = withSecretData(rewrap(inputs, news) as Fields, kind)
    return response.setInputs(toStruct(marked))
  }

  async #diff(request: any): Promise<unknown> {
    const kind = kindOfType(parseUrn(request.getUrn()).type)
    const { live, inputs: oldInputs } = fromState(unwrap(fromStruct(request.getOlds())) as Fields)
    const after = normalize(unwrap(fromStruct(request.getNews())) as Fields, kind)
    const before = normalize(prune(live, oldInputs), kind)
    const ignored: string[] = request.getIgnorechangesList()
    const mutability = {
      configMaps: this.#settings.configMapsMutable,
      secrets: this.#settings.secretsMutable,
    }
    const replacing = replacingPaths(kind, mutability, live.immutable === true)
    const differences = compare(before, after, oldInputs).filter(({ path }) => !isIgnored(path, ignored))
    const response = new protocol.provider.DiffResponse()
    const replaces: string[] = []
    for (const { path, plain, change } of differences) {
      const replace = isBelow(plain, replacing)
      if (replace) replaces.push(path)
      const detail = new protocol.provider.PropertyDiff()
      detail.setKind(kindOfDifference(change, replace))
      detail.setInputdiff(true)
      response.getDetaileddiffMap().set(path, detail)
    }
    const name = textAt(fieldsAt(after, 'metadata'), 'name')
    const namespace = textAt(fieldsAt(after, 'metadata'), 'namespace')
    const samePlace =
      name === textAt(fieldsAt(live, 'metadata'), 'name') &&
      namespace === textAt(fieldsAt(live, 'metadata'), 'namespace')
    return (
      response
        .setChanges(differences.length > 0 ? 2 : 1)
        .setReplacesList(replaces)
        .setDiffsList([...new Set(differences.map(({ path }) => String(parsePath(path)[0])))])
        .setHasdetaileddiff(true)
        // Two objects cannot have one name: the old goes first.
        .setDeletebeforereplace(replaces.length > 0 && samePlace && !isAutonamed(after))
    )
  }

  async #create(request: any): Promise<unknown> {
    const urn: string = request.getUrn()
    const kind = kindOfType(parseUrn(urn).type)
    const marked = fromStruct(request.getProperties())
    const inputs = unwrap(marked) as Fields
    const preview: boolean = request.getPreview()
    const response = new protocol.provider.CreateResponse()
    const asIs = () => response.setId(preview ? '' : objectId(inputs)).setProperties(toStruct(marked))
    if (this.#settings.renderTo !== undefined) {
      if (!preview) await this.#render(urn, kind, marked)
      return asIs().setProperties(toStruct(toState(inputs, marked, managerOf(urn, inputs, undefined), kind)))
    }
    if (preview && (hasUnknown(inputs) || this.#unreachable !== undefined)) return asIs()
    const cluster = this.#reach()
    const manager = managerOf(urn, inputs, undefined)
    let live: Fields
    try {
      live = await this.#attempt(preview, () => this.#post(cluster, kind, inputs, manager, preview))
    } catch (error) {
      // What a preview cannot know is no reason to fail it.
      if (preview && isTolerated(error)) return asIs()
      throw explainCreate(error, kind, inputs)
    }
    if (preview) {
      const { status: _, ...rest } = live
      return response.setId('').setProperties(toStruct(toState(rest, marked, manager, kind)))
    }
    if (kind.kind === 'CustomResourceDefinition') cluster.forgetKinds()
    const id = objectId(live)
    live = await this.#await(urn, kind, id, live, request.getTimeout(), marked, manager)
    return response.setId(id).setProperties(toStruct(toState(live, marked, manager, kind)))
  }

  async #read(request: any): Promise<unknown> {
    const kind = kindOfType(parseUrn(request.getUrn()).type)
    const id: string = request.getId()
    const state = fromState(unwrap(fromStruct(request.getProperties())) as Fields)
    const markedInputs = fromStruct(request.getInputs())
    const inputs = Object.keys(markedInputs).length > 0 ? (unwrap(markedInputs) as Fields) : state.inputs
    const response = new protocol.provider.ReadResponse()
    if (this.#settings.renderTo !== undefined) {
      return response.setId(id).setProperties(request.getProperties()).setInputs(request.getInputs())
    }
    if (this.#unreachable !== undefined) {
      if (this.#settings.deleteUnreachable) return response.setId('')
      if (this.#settings.skipUpdateUnreachable) {
        return response.setId(id).setProperties(request.getProperties()).setInputs(request.getInputs())
      }
    }
    const live = await this.#reach().find(kind, id)
    if (live === undefined) return response.setId('')
    const importing = Object.keys(inputs).length === 0
    const seen = importing ? withoutStatus(normalize(live, kind)) : prune(live, inputs)
    const marked = withSecretData(rewrap(seen, markedInputs) as Fields, kind)
    const manager = managerOf(request.getUrn(), inputs, state.manager)
    return response
      .setId(objectId(live))
      .setInputs(toStruct(marked))
      .setProperties(toStruct(toState(live, marked, manager, kind)))
  }

  async #update(request: any): Promise<unknown> {
    const urn: string = request.getUrn()
    const kind = kindOfType(parseUrn(urn).type)
    const marked = fromStruct(request.getNews())
    const inputs = unwrap(marked) as Fields
    const old = fromState(unwrap(fromStruct(request.getOlds())) as Fields)
    const preview: boolean = request.getPreview()
    const response = new protocol.provider.UpdateResponse()
    if (this.#settings.renderTo !== undefined) {
      if (!preview) {
        await rm(this.#renderPath(kind, old.inputs), { force: true })
        await this.#render(urn, kind, marked)
      }
      return response.setProperties(
        toStruct(toState(inputs, marked, managerOf(urn, inputs, old.manager), kind)),
      )
    }
    if (preview && (hasUnknown(inputs) || this.#unreachable !== undefined)) {
      return response.setProperties(toStruct(marked))
    }
    const cluster = this.#reach()
    const manager = managerOf(urn, inputs, old.manager)
    const id: string = request.getId()
    let live: Fields
    try {
      const found = await cluster.find(kind, id)
      if (found === undefined) {
        throw new Error(
          `${kind.kind} ${id} is not in the cluster any more: pulumi refresh lets Pulumi know, and the next up makes it again`,
        )
      }
      live = await this.#apply(cluster, kind, inputs, found, {
        manager,
        before: old.manager,
        preview,
        ignored: request.getIgnorechangesList(),
      })
    } catch (error) {
      if (preview && isTolerated(error)) return response.setProperties(toStruct(marked))
      throw explainApply(error, kind, id, manager)
    }
    if (!preview) live = await this.#await(urn, kind, id, live, request.getTimeout(), marked, manager)
    return response.setProperties(toStruct(toState(live, marked, manager, kind)))
  }

  async #delete(request: any): Promise<unknown> {
    const urn: string = request.getUrn()
    const kind = kindOfType(parseUrn(urn).type)
    const { inputs } = fromState(unwrap(fromStruct(request.getProperties())) as Fields)
    const done = new protocol.empty()
    if (this.#settings.renderTo !== undefined) {
      await rm(this.#renderPath(kind, inputs), { force: true })
      return done
    }
    if (this.#unreachable !== undefined && this.#settings.deleteUnreachable) return done
    const cluster = this.#reach()
    const { namespace, name } = parseId(request.getId())
    const annotations = fieldsAt(fieldsAt(inputs, 'metadata'), 'annotations')
    const policy = { orphan: 'Orphan', background: 'Background' }[
      String(annotations['pulumi.com/deletionPropagationPolicy']) as 'orphan'
    ]
    let uid: Value | undefined
    try {
      const path = await cluster.path(kind, namespace, name)
      uid = fieldsAt((await cluster.find(kind, request.getId())) ?? {}, 'metadata').uid
      await cluster.ask('DELETE', path, {
        apiVersion: 'v1',
        kind: 'DeleteOptions',
        propagationPolicy: policy ?? 'Foreground',
      })
    } catch (error) {
      if (error instanceof UnknownKindError || (error instanceof ClusterError && error.status === 404))
        return done
      throw error
    }
    if (annotations['pulumi.com/skipAwait'] === 'true') return done
    const seconds = request.getTimeout() || defaultTimeoutSeconds
    const end = performance.now() + seconds * 1_000
    for (;;) {
      const found = await cluster.find(kind, request.getId())
      // Another of that name may have been made by another hand meanwhile.
      if (found === undefined || fieldsAt(found, 'metadata').uid !== uid) break
      const finalizers = (fieldsAt(found, 'metadata').finalizers ?? []) as string[]
      if (performance.now() > end) {
        throw new Error(
          `${kind.kind} ${request.getId()} is still there ${seconds} s after it was deleted${finalizers.length > 0 ? `: it waits for the finalizers ${finalizers.join(', ')}` : ''}`,
        )
      }
      this.#log.status(urn, finalizers.length > 0 ? `waits for ${finalizers.join(', ')}` : 'is being deleted')
      await sleep(lookEveryMs, undefined, { signal: this.#cancelled.signal })
    }
    if (kind.kind === 'CustomResourceDefinition') cluster.forgetKinds()
    return done
  }

  #reach(): Cluster {
    if (this.#cluster === undefined || this.#unreachable !== undefined) {
      throw new Error(
        `configured Kubernetes cluster is unreachable: ${this.#unreachable ?? 'there is no configuration'}. Check the kubeconfig of the provider, or KUBECONFIG`,
      )
    }
    return this.#cluster
  }

  /** Gives inputs of a kind that belongs to a namespace the default one when they name none. */
  async #withNamespace(inputs: Fields, kind: Kind): Promise<Fields> {
    const metadata = fieldsAt(inputs, 'metadata')
    const namespaced = await this.#isNamespaced(kind)
    if (!namespaced) {
      const { namespace: _, ...rest } = metadata
      return { ...inputs, metadata: rest }
    }
    if (metadata.namespace !== undefined && metadata.namespace !== '') return inputs
    const namespace = this.#settings?.namespace ?? this.#cluster?.contextNamespace ?? 'default'
    return { ...inputs, metadata: { ...metadata, namespace } }
  }

  async #isNamespaced(kind: Kind): Promise<boolean> {
    const declared = this.#declaredKinds.get(`${kind.apiVersion} ${kind.kind}`)
    if (declared !== undefined) return declared
    if (this.#cluster === undefined || this.#unreachable !== undefined) {
      return isNamespaced(kind) ?? true
    }
    try {
      return await this.#cluster.namespaced(kind)
    } catch (error) {
      if (error instanceof UnknownKindError) return true
      throw error
    }
  }

  /** Notes the kinds that a definition in the same program will make. */
  #rememberDefinition(inputs: Fields, kind: Kind): void {
    if (kind.kind !== 'CustomResourceDefinition') return
    const spec = fieldsAt(inputs, 'spec')
    const name = textAt(fieldsAt(spec, 'names'), 'kind')
    if (!Array.isArray(spec.versions) || name === undefined) return
    for (const version of spec.versions) {
      if (isFields(version))
        this.#declaredKinds.set(`${spec.group}/${version.name} ${name}`, spec.scope === 'Namespaced')
    }
  }

  async #post(
    cluster: Cluster,
    kind: Kind,
    inputs: Fields,
    manager: string,
    preview: boolean,
  ): Promise<Fields> {
    const { namespace, name } = metadataOf(inputs)
    const dryRun = preview ? '&dryRun=All' : ''
    if (this.#settings.upsert) {
      const found = await cluster.find(kind, objectId(inputs))
      const force = this.#settings.patchForce || patchForced(inputs)
      if (found !== undefined) {
        try {
          return await this.#apply(cluster, kind, inputs, found, { manager, preview, ignored: [] })
        } catch (error) {
          if (!preview || !inItsOwnWay(error)) throw error
          // What cannot change will have gone when this one is made: asked for under a name that is free.
          return withNameOf(inputs, await this.#dryRunElsewhere(cluster, kind, inputs))
        }
      }
      const path = await cluster.path(kind, namespace, name)
      return cluster.ask(
        'PATCH',
        `${path}?fieldManager=${manager}&force=${force}${dryRun}`,
        inputs,
        applyType,
      )
    }
    const path = await cluster.path(kind, namespace)
    try {
      return await cluster.ask('POST', `${path}?fieldManager=${creator}${dryRun}`, inputs)
    } catch (error) {
      if (!(error instanceof ClusterError && error.reason === 'AlreadyExists')) throw error
      const found = await cluster.find(kind, objectId(inputs))
      const going = found === undefined || fieldsAt(found, 'metadata').deletionTimestamp !== undefined
      throw going ? new BeingDeletedError(error.message) : error
    }
  }

  /** What the server would make of inputs if none of that name were there. */
  async #dryRunElsewhere(cluster: Cluster, kind: Kind, inputs: Fields): Promise<Fields> {
    const { namespace, name } = metadataOf(inputs)
    const { name: _, ...metadata } = fieldsAt(inputs, 'metadata')
    const body = { ...inputs, metadata: { ...metadata, generateName: `${name}-` } }
    return cluster.ask(
      'POST',
      `${await cluster.path(kind, namespace)}?fieldManager=${creator}&dryRun=All`,
      body,
    )
  }

  async #apply(
    cluster: Cluster,
    kind: Kind,
    inputs: Fields,
    live: Fields,
    options: {
      readonly manager: string
      /** Who applied it until now. */
      readonly before?: string | undefined
      readonly preview: boolean
      readonly ignored: readonly string[]
    },
  ): Promise<Fields> {
    const { manager, before, preview, ignored } = options
    const { namespace, name } = metadataOf(live)
    const path = await cluster.path(kind, namespace, name)
    const dryRun = preview ? '&dryRun=All' : ''
    if (kind.kind === 'CustomResourceDefinition') {
      // Its schema is one value to whoever applies, and is replaced as a whole.
      const answer = await put(cluster, `${path}?fieldManager=${manager}${dryRun}`, path, inputs, live)
      cluster.forgetKinds()
      return answer
    }
    const managed = (fieldsAt(live, 'metadata').managedFields ?? []) as Fields[]
    const former = adoptFields(managed, manager, before) !== undefined
    const owners = former && !preview ? await adopt(cluster, path, live, manager, before) : managed
    const force =
      this.#settings.patchForce ||
      patchForced(inputs) ||
      managed.length === 0 ||
      // A preview does not move what former managers own, and would conflict with them.
      (preview && former)
    const body = withoutIgnored(inputs, live, ignored, owners, manager)
    return cluster.ask('PATCH', `${path}?fieldManager=${manager}&force=${force}${dryRun}`, body, applyType)
  }

  /** Tries again what fails because a namespace or a kind is not there yet. */
  async #attempt<Result>(preview: boolean, run: () => Promise<Result>): Promise<Result> {
    for (let attempt = 0; ; attempt++) {
      try {
        return await run()
      } catch (error) {
        const delayMs = retryDelaysMs[attempt]
        const mayCome =
          error instanceof BeingDeletedError ||
          error instanceof UnknownKindError ||
          (error instanceof ClusterError && error.status === 404)
        if (preview || !mayCome || delayMs === undefined) throw error
        await sleep(delayMs, undefined, { signal: this.#cancelled.signal })
        this.#cluster?.forgetKinds()
      }
    }
  }

  /** Waits until an object is ready, and resolves with it as it is then. */
  async #await(
    urn: string,
    kind: Kind,
    id: string,
    live: Fields,
    timeoutSeconds: number,
    marked: Fields,
    manager: string,
  ): Promise<Fields> {
    const annotations = fieldsAt(fieldsAt(live, 'metadata'), 'annotations')
    const check = readinessOf(kind)
    if (check === undefined || annotations['pulumi.com/skipAwait'] === 'true') return live
    const seconds =
      timeoutSeconds || Number(annotations['pulumi.com/timeoutSeconds']) || defaultTimeoutSeconds
    const end = performance.now() + seconds * 1_000
    const cluster = this.#reach()
    let latest = live
    let said = ''
    const fail = (reasons: readonly string[]): never => {
      const described: InitFailure = {
        id,
        properties: toState(latest, marked, manager, kind),
        inputs: marked,
        reasons,
      }
      throw initFailure(`${kind.kind} ${id} was made and is not ready`, described)
    }
    for (;;) {
      let readiness: Readiness
      try {
        readiness = await check(cluster, latest)
      } catch (error) {
        readiness = { state: 'waiting', reasons: [(error as Error).message] }
      }
      if (readiness.state === 'ready') return latest
      if (readiness.state === 'failed') return fail(readiness.reasons)
      const reasons = readiness.reasons.join('; ')
      if (performance.now() > end) return fail([`after ${seconds} s: ${reasons}`])
      if (this.#cancelled.signal.aborted) return fail([`cancelled: ${reasons}`])
      if (reasons !== said) this.#log.status(urn, reasons)
      said = reasons
      await sleep(lookEveryMs)
      const found = await cluster.find(kind, id).catch(() => latest)
      if (found === undefined) return fail(['it was deleted by another hand'])
      latest = found
    }
  }

  #renderPath(kind: Kind, inputs: Fields): string {
    const { namespace, name } = metadataOf(inputs)
    const folder = kind.kind === 'CustomResourceDefinition' ? '0-crd' : '1-manifest'
    const group = kind.apiVersion.replaceAll(/[/:]/g, '_')
    const file = `${group}-${kind.kind.toLowerCase()}-${namespace ?? 'default'}-${name}.yaml`
    return join(this.#settings.renderTo!, folder, file)
  }

  async #render(urn: string, kind: Kind, marked: Fields): Promise<void> {
    const inputs = unwrap(marked) as Fields
    if (!equal(inputs, marked)) this.#log.warning(urn, 'its secrets are written in clear')
    const path = this.#renderPath(kind, inputs)
    await mkdir(dirname(path), { recursive: true })
    await writeFile(path, stringify(inputs), { mode: 0o600 })
  }
}

/** One of that name is there and on its way out: it can be made in a moment. */
class BeingDeletedError extends Error {
  override readonly name = 'BeingDeletedError'
}

const applyType = { type: 'application/apply-patch+yaml' }

/** Fields of a state that are not the object's: its inputs, and who applies it. */
const stateKeys = { inputs: '__inputs', manager: '__fieldManager', apiVersion: '__initialApiVersion' }

/** What the engine remembers of an object. */
function toState(live: Fields, markedInputs: Fields, manager: string, kind: Kind): Fields {
  const outputs = withSecretData(rewrap(live, markedInputs) as Fields, kind)
  return {
    ...outputs,
    [stateKeys.inputs]: withSecretData(markedInputs, kind),
    [stateKeys.apiVersion]: kind.apiVersion,
    [stateKeys.manager]: manager,
  }
}

/** Marks the data of Secrets, whether the program did or not. */
function withSecretData(object: Fields, kind: Kind): Fields {
  if (kind.apiVersion !== 'v1' || kind.kind !== 'Secret' || !isFields(object.data)) return object
  return { ...object, data: secret(unwrap(object.data)) }
}

function fromState(state: Fields): { live: Fields; inputs: Fields; manager: string | undefined } {
  const { __inputs, __fieldManager, __initialApiVersion: _, ...live } = state
  return {
    live,
    inputs: isFields(__inputs) ? __inputs : {},
    manager: typeof __fieldManager === 'string' ? __fieldManager : undefined,
  }
}

/**
 * Who applies an object: as its annotation says, as before, or somebody new. The new name follows from the resource, not from chance: what
 * a run applied that was killed before it could write the name down is the same resource's in the next run, and nobody else's.
 */
function managerOf(urn: string, inputs: Fields, before: string | undefined): string {
  const annotation = textAt(
    fieldsAt(fieldsAt(inputs, 'metadata'), 'annotations'),
    'pulumi.com/patchFieldManager',
  )
  return annotation ?? before ?? `${creator}-${createHash('sha256').update(urn).digest('hex').slice(0, 8)}`
}

/** Replaces an object by inputs, as the object is now: its status may change at any moment. */
async function put(
  cluster: Cluster,
  to: string,
  path: string,
  inputs: Fields,
  live: Fields,
): Promise<Fields> {
  for (let attempt = 0, latest = live; ; attempt++) {
    const { resourceVersion } = fieldsAt(latest, 'metadata')
    const metadata = { ...fieldsAt(inputs, 'metadata'), resourceVersion: resourceVersion! }
    try {
      return await cluster.ask('PUT', to, { ...inputs, metadata })
    } catch (error) {
      if (!(error instanceof ClusterError && error.status === 409) || attempt >= 9) throw error
      latest = await cluster.ask('GET', path)
    }
  }
}

/** Moves the fields of former managers, as the object is now: its status may change at any moment. */
async function adopt(
  cluster: Cluster,
  path: string,
  live: Fields,
  manager: string,
  before: string | undefined,
): Promise<Fields[]> {
  for (let attempt = 0, latest = live; ; attempt++) {
    const metadata = fieldsAt(latest, 'metadata')
    const managed = (metadata.managedFields ?? []) as Fields[]
    const adopted = adoptFields(managed, manager, before)
    if (adopted === undefined) return managed
    try {
      await cluster.ask(
        'PATCH',
        `${path}?fieldManager=${manager}`,
        [
          { op: 'replace', path: '/metadata/managedFields', value: adopted },
          { op: 'replace', path: '/metadata/resourceVersion', value: metadata.resourceVersion },
        ],
        { type: 'application/json-patch+json' },
      )
      return adopted
    } catch (error) {
      if (!(error instanceof ClusterError && error.status === 409) || attempt >= 9) throw error
      latest = await cluster.ask('GET', path)
    }
  }
}

/** Inputs with what is ignored left out where others own it, and as it is in the cluster where nobody else does. */
function withoutIgnored(
  inputs: Fields,
  live: Fields,
  ignored: readonly string[],
  managed: readonly Fields[],
  manager: string,
): Fields {
  const body = structuredClone(inputs)
  for (const path of ignored) {
    const keys = parsePath(path)
    const last = keys.at(-1)!
    const parent = keys.slice(0, -1).reduce<any>((value, key) => value?.[key], body)
    const liveValue = keys.reduce<any>((value, key) => value?.[key], live)
    if (parent === undefined || parent === null) continue
    if (liveValue === undefined || ownedByOthersOnly(managed, manager, keys)) delete parent[last]
    else parent[last] = liveValue
  }
  return body
}

/** Whether an object that is there keeps the new one from being made: what cannot change differs, or an apply of a stack owns it. */
function inItsOwnWay(error: unknown): boolean {
  if (!(error instanceof ClusterError)) return false
  if (error.status === 422) return true
  const owners = [...error.message.matchAll(/conflicts? with "([^"]+)"/g)].map(([, owner]) => owner!)
  const isOurs = (owner: string) => /^pulumi-kubernetes-[0-9a-f]{8}$/.test(owner)
  return error.status === 409 && owners.length > 0 && owners.every(isOurs)
}

/** An object under the name of another. */
function withNameOf(named: Fields, object: Fields): Fields {
  const { generateName: _, ...metadata } = fieldsAt(object, 'metadata')
  return { ...object, metadata: { ...metadata, name: metadataOf(named).name! } }
}

function metadataOf(object: Fields): { namespace: string | undefined; name: string | undefined } {
  const metadata = fieldsAt(object, 'metadata')
  return { namespace: textAt(metadata, 'namespace'), name: textAt(metadata, 'name') }
}

function withoutStatus(object: Fields): Fields {
  const { status: _, ...rest } = object
  return rest
}

function patchForced(inputs: Fields): boolean {
  return fieldsAt(fieldsAt(inputs, 'metadata'), 'annotations')['pulumi.com/patchForce'] === 'true'
}

/** Errors of a dry run that say nothing about whether the real run will work. */
function isTolerated(error: unknown): boolean {
  if (error instanceof UnknownKindError || error instanceof BeingDeletedError) return true
  if (!(error instanceof ClusterError)) return false
  return error.status === 403 || error.status === 404 || error.reason === 'AlreadyExists'
}

function explainCreate(error: unknown, kind: Kind, inputs: Fields): unknown {
  if (error instanceof ClusterError && error.reason === 'AlreadyExists') {
    return failure(
      grpcStatus.ALREADY_EXISTS,
      `${kind.kind} ${objectId(inputs)} exists already and is not in this stack. Give this one another name (or none), import the other (pulumi import), or let the provider take over what exists (upsertExistingObjects)`,
    )
  }
  if (
    error instanceof ClusterError &&
    error.status === 422 &&
    /immutable|cannot change/.test(error.message)
  ) {
    return failure(
      grpcStatus.FAILED_PRECONDITION,
      `${kind.kind} ${objectId(inputs)} exists already and cannot become this one: ${error.message}. When nobody needs it as it is, delete it (kubectl delete) and run this again`,
    )
  }
  return error
}

function explainApply(error: unknown, kind: Kind, id: string, manager: string): unknown {
  if (error instanceof ClusterError && error.status === 409 && error.reason === 'Conflict') {
    return failure(
      grpcStatus.ABORTED,
      `Server-Side Apply field conflict: another manager owns fields of ${kind.kind} ${id}. See https://www.pulumi.com/registry/packages/kubernetes/how-to-guides/managing-resources-with-server-side-apply/#handle-field-conflicts-on-existing-resources for troubleshooting help\nThe resource managed by field manager "${manager}" had an apply conflict: ${error.message}`,
    )
  }
  return error
}

/** Which changed properties of the provider mean another cluster, and so other objects everywhere. */
function replacesProvider(olds: Fields, news: Fields, changed: readonly string[]): string[] {
  const replaces = changed.filter((key) => key === 'renderYamlToDirectory')
  const [before, after] = [olds, news].map((fields) => textAt(fields, 'clusterIdentifier'))
  if (before || after) {
    // Who names the cluster says when it is another one.
    return before !== undefined && before !== after ? [...replaces, 'clusterIdentifier'] : replaces
  }
  const where = ['kubeconfig', 'context', 'cluster'].filter((key) => changed.includes(key))
  if (where.some((key) => hasUnknown(news[key]))) return [...replaces, ...where]
  if (where.length === 0) return replaces
  const server = (fields: Fields) => activeCluster(clusterOptions(fields))?.server
  return server(olds) === server(news) ? replaces : [...replaces, ...where]
}

function clusterOptions(fields: Fields): { kubeconfig?: string; context?: string; cluster?: string } {
  const text = (value: Value | undefined) =>
    value === undefined || value === null
      ? undefined
      : typeof value === 'string'
        ? value
        : JSON.stringify(value)
  return {
    kubeconfig: text(fields.kubeconfig) ?? process.env.KUBECONFIG ?? '',
    context: text(fields.context) ?? '',
    cluster: text(fields.cluster) ?? '',
  }
}

function toAutonaming(options: any): Autonaming {
  const modes = ['propose', 'enforce', 'disable'] as const
  return { mode: modes[options.getMode()] ?? 'propose', proposedName: options.getProposedName() }
}

/** Numbers of PropertyDiff.Kind: add, update, delete, each followed by the one that replaces. */
function kindOfDifference(change: 'add' | 'update' | 'delete', replace: boolean): number {
  return { add: 0, delete: 2, update: 4 }[change] + (replace ? 1 : 0)
}

function isTrue(value: Value | undefined): boolean {
  return value === true || value === 'true'
}
