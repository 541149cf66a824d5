import { bindingOf, type Contract, type Endpoint } from '@atlas/contract'

/** The headers that announce the end of an endpoint: RFC 9745, RFC 8594 and, where it can be linked, its successor. */
export function deprecationHeaders({ deprecated }: Endpoint, contract: Contract): readonly string[] {
  if (!deprecated) return []
  const since = Date.parse(`${deprecated.since}T00:00:00Z`) / 1000
  const headers = [
    'deprecation',
    `@${since}`,
    'sunset',
    new Date(`${deprecated.sunset}T00:00:00Z`).toUTCString(),
  ]
  const link = deprecated.use && linkTo(deprecated.use, contract)
  if (link) headers.push('link', `<${link}>; rel="successor-version"`)
  return headers
}

/** `use` is written for people. It can be linked when it is a URL, a path, or an endpoint whose path has no fields. */
function linkTo(use: string, contract: Contract): string | undefined {
  if (/^(https?:\/)?\/[^\s<>"]*$/.test(use)) return encodeURI(use)
  const endpoint = Object.hasOwn(contract.endpoints, use) ? contract.endpoints[use] : undefined
  if (!endpoint) return undefined
  const { path, pattern } = bindingOf(endpoint)
  return path.length === 0 ? pattern.path : undefined
}
