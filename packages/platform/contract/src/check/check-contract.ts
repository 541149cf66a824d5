import type { Bytes } from '../bytes.ts'
import { isCode } from '../code.ts'
import type { Access, Endpoint } from '../endpoint.ts'
import { ambiguity, parseRoute, type RoutePattern } from '../route.ts'
import { defOf } from '../schema-def.ts'
import type { Stream } from '../stream.ts'
import { checkHttpBinding } from './http.ts'
import { type Problem, type Report, remembering } from './problem.ts'
import { checkMessage } from './protobuf.ts'
import { checkRepresentable } from './representable.ts'

const contractName = /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/
const camelCase = /^[a-z][A-Za-z0-9]*$/
const accesses: readonly string[] = ['public', 'user', 'internal'] satisfies Access[]

/** Everything in a contract that cannot be served; empty when it is fine. Pure. */
export function checkContract(
  name: string,
  endpoints: Readonly<Record<string, Endpoint>>,
): readonly Problem[] {
  const problems: Problem[] = []
  const report: Report = (path, message, remedy) => problems.push({ path, message, remedy })
  if (!contractName.test(name))
    report(
      'name',
      `'${name}' is not a servlet name`,
      'use lower-case words joined by hyphens, as in file-links',
    )
  const routes: { name: string; pattern: RoutePattern }[] = []
  const methods = new Map<string, string>()
  for (const [key, endpoint] of Object.entries(endpoints)) {
    checkName(key, key, 'an endpoint name', 'listFiles', report)
    const method = key.toLowerCase()
    const same = methods.get(method)
    if (same !== undefined) report(key, `differs from '${same}' in case only`, 'rename one of them')
    methods.set(method, key)
    const parsed = parseRoute(endpoint.route)
    if (parsed.ok) {
      checkAmbiguity(key, parsed.value, routes, report)
      routes.push({ name: key, pattern: parsed.value })
    } else report(`${key}.route`, `'${endpoint.route}' ${parsed.problem}`, parsed.remedy)
    checkEndpoint(key, endpoint, parsed.ok, report)
  }
  return problems
}

function checkName(name: string, path: string, what: string, example: string, report: Report): void {
  if (!camelCase.test(name)) report(path, `'${name}' is not ${what}`, `use camelCase, as in ${example}`)
  else if (name === 'then' || name in Object.prototype)
    report(path, `JavaScript has a meaning for '${name}'`, 'use another name')
}

function checkAmbiguity(
  key: string,
  pattern: RoutePattern,
  routes: readonly { readonly name: string; readonly pattern: RoutePattern }[],
  report: Report,
): void {
  for (const other of routes) {
    const witness = ambiguity(pattern, other.pattern)
    if (witness !== undefined)
      report(
        `${key}.route`,
        `${pattern.method} ${witness} would match '${other.name}' too, and neither route is more specific`,
        'change one of the routes',
      )
  }
}

function checkEndpoint(key: string, endpoint: Endpoint, routed: boolean, report: Report): void {
  // What is not even JSON would be reported up to three times.
  const json = remembering(report)
  const payloads = payloadsOf(key, endpoint)
  for (const { path, schema } of payloads) checkRepresentable(schema, path, json.report)
  if (!accesses.includes(endpoint.access))
    report(`${key}.access`, `'${endpoint.access}' is not an access`, `use 'public', 'user' or 'internal'`)
  if (defOf(endpoint.input).type !== 'object')
    json.report(`${key}.input`, 'an input has named fields', 'use z.object({ ... })')
  else if (routed)
    checkHttpBinding(endpoint, key, (path, ...problem) => {
      if (!json.paths.has(path)) report(path, ...problem)
    })
  checkErrors(key, endpoint, report)
  checkBytes(`${key}.body`, endpoint.body, report)
  if (isBytes(endpoint.output)) checkBytes(`${key}.output`, endpoint.output, report)
  checkDeprecation(key, endpoint, report)
  if (endpoint.grpc && json.paths.size === 0)
    for (const { path, schema } of payloads) checkMessage(schema, path, report)
}

function payloadsOf(key: string, endpoint: Endpoint) {
  const { input, output, errors } = endpoint
  return [
    { path: `${key}.input`, schema: input },
    ...(isBytes(output) ? [] : [{ path: `${key}.output`, schema: isStream(output) ? output.item : output }]),
    ...Object.entries(errors).map(([kind, { data }]) => ({ path: `${key}.errors.${kind}`, schema: data })),
  ]
}

function checkErrors(key: string, { errors }: Endpoint, report: Report): void {
  for (const [kind, { code }] of Object.entries(errors)) {
    checkName(kind, `${key}.errors.${kind}`, 'an error kind', 'quotaFull', report)
    if (!isCode(code))
      report(
        `${key}.errors.${kind}`,
        `'${String(code)}' is not an error code`,
        'use one of the codes in docs/reference/codes.md',
      )
  }
}

function checkBytes(path: string, bytes: Bytes | undefined, report: Report): void {
  if (!bytes) return
  if (!Number.isSafeInteger(bytes.maxBytes) || bytes.maxBytes < 1)
    report(path, `maxBytes is ${bytes.maxBytes}`, 'use a whole number of bytes above 0')
  if (bytes.types.length === 0)
    report(path, 'types is empty, so nothing would be accepted', `leave it out, or name media types`)
  for (const type of bytes.types)
    if (!/^(\*\/\*|[\w.+-]+\/(\*|[\w.+-]+))$/.test(type))
      report(path, `'${type}' is not a media type`, 'write it as image/png or image/*, without parameters')
}

function checkDeprecation(key: string, { deprecated }: Endpoint, report: Report): void {
  if (!deprecated) return
  const dates = remembering(report)
  for (const field of ['since', 'sunset'] as const)
    if (!isDate(deprecated[field]))
      dates.report(
        `${key}.deprecated.${field}`,
        `'${deprecated[field]}' is not a date`,
        'write it as 2026-11-01',
      )
  // RFC 9745, section 4: a Sunset must not be earlier than its Deprecation.
  if (dates.paths.size === 0 && deprecated.sunset < deprecated.since)
    report(`${key}.deprecated.sunset`, 'is before since', 'let callers have the time between the two')
}

function isDate(text: string): boolean {
  const time = Date.parse(`${text}T00:00:00Z`)
  return (
    /^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(time) && new Date(time).toISOString().startsWith(text)
  )
}

/** Whether an output is raw bytes. */
export function isBytes(output: Endpoint['output']): output is Bytes {
  return 'kind' in output && output.kind === 'bytes'
}

/** Whether an output is a stream of items. */
export function isStream(output: Endpoint['output']): output is Stream {
  return 'kind' in output && output.kind === 'stream'
}
