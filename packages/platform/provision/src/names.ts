/**
 * Names of objects, made here and nowhere else. They are a contract: alerts, dashboards, policies and people go by them, and
 * another name is another object, which begins without what the old one had.
 */
export const names = {
  /** One namespace a servlet. The prefix keeps a servlet from being called `kube-system`. */
  namespace: (servlet: string) => `servlet-${servlet}`,
  /** Deployment, ServiceAccount, ScaledObject, PDB, Canary, Services, route and PodMonitor are all called as the servlet. */
  workload: (servlet: string) => servlet,
  /** Flagger's copy of the Deployment, which has the traffic. */
  primary: (servlet: string) => `${servlet}-primary`,
  config: (servlet: string) => `${servlet}-config`,
  secrets: (servlet: string) => `${servlet}-secrets`,
  /** Where stores are, as URLs with passwords: made by whoever makes databases. */
  stores: (servlet: string) => `${servlet}-stores`,
  dashboard: (servlet: string) => `${servlet}-dashboard`,
  /** Says what of a servlet was deployed last, and is written last. */
  record: (servlet: string) => `${servlet}-deployed`,
  /** The Service by which a servlet reaches others: an alias of the internal gateway. */
  gateway: 'gateway',
} as const

/** Port names and numbers of a servlet's container. */
export const ports = { http: 8080 } as const

/** Where the shared parts of an environment are, as `infra/platform` makes them. */
export const platform = {
  namespace: 'atlas-system',
  gateways: { public: 'public', internal: 'internal' },
  /** Where Envoy Gateway runs the proxies of all Gateways. */
  proxies: 'envoy-gateway-system',
  /** The Service of a Gateway's proxies. */
  proxyService: (gateway: string) => `atlas-${gateway}`,
} as const

/** Annotations and labels of ours. */
export const marks = {
  servlet: 'atlas.dev/servlet',
  owner: 'atlas.dev/owner',
  contact: 'atlas.dev/contact',
  /** On a namespace: what was last begun to be deployed there, by its fingerprint. */
  intended: 'atlas.dev/intended',
  /** On the record of what was deployed. */
  record: 'atlas.dev/record',
  /** On a namespace: the host that its routes may claim besides the servlet's own. */
  host: 'atlas.dev/host',
  /** On a namespace: the path prefixes that its routes may claim. */
  prefixes: 'atlas.dev/prefixes',
} as const

/** Labels of every object of a servlet. `version` is on none of them: a release must change what it has to change, and nothing else. */
export function labelsOf(servlet: string, owner: string): Record<string, string> {
  return {
    'app.kubernetes.io/name': servlet,
    'app.kubernetes.io/managed-by': 'atlas',
    'atlas.dev/servlet': servlet,
    'atlas.dev/owner': owner,
  }
}

/** Selects the pods of a servlet, those of Flagger's copy too: `app` is changed by it, this is not. */
export function podsOf(servlet: string): { readonly matchLabels: Record<string, string> } {
  return { matchLabels: { 'atlas.dev/servlet': servlet } }
}

/** Labels of what is the platform's. */
export const platformLabels = {
  'app.kubernetes.io/managed-by': 'atlas',
  'app.kubernetes.io/part-of': 'atlas-platform',
} as const
