import type { EndpointDocument, InterfaceDocument } from '../document.ts'
import { equal } from '../equal.ts'
import { idOfRef, type JsonSchema } from '../json-schema.ts'
import { own, sortedEntries } from '../records.ts'
import { shutOut } from './access.ts'
import { effort, within } from './effort.ts'
import type { Change, ChangeSeverity } from './finding.ts'
import { flat, type Schemas } from './json/alternatives.ts'
import type { Identical } from './json/identical.ts'
import type { EndpointPairs } from './pairs.ts'
import type { Part } from './remedies.ts'

/** What a document adds to, takes from and says differently than another, as far as old callers are not hurt by it. */
export function additions(
  before: InterfaceDocument,
  after: InterfaceDocument,
  pairs: EndpointPairs,
  identical: Identical,
): Change[] {
  const found: Change[] = []
  const add: Add = (rule, path, message, more = {}) =>
    found.push({
      rule,
      severity: more.severity ?? 'minor',
      direction: 'old-caller',
      ...(more.endpoint === undefined ? {} : { endpoint: more.endpoint }),
      path,
      message,
      remedy: more.remedy ?? 'nothing to do',
      ...(more.reason === undefined ? {} : { reason: more.reason }),
    })
  for (const [name, { route }] of sortedEntries(after.endpoints))
    if (pairs.callerOf(name) === undefined)
      add('endpoint/added', `endpoints.${name}`, `${name} (${route}) is new`, { endpoint: name })
  for (const [name, endpoint] of sortedEntries(before.endpoints)) {
    const other = pairs.servletOf(name)
    if (other === undefined) continue
    if (other !== name)
      add('endpoint/renamed', `endpoints.${name}`, `${name} is called ${other} now; its route is the same`, {
        endpoint: name,
      })
    const done = within(mostSteps, () =>
      endpointAdditions(name, endpoint, after.endpoints[other]!, before, after, identical, add),
    )
    if (!done.ok)
      add('endpoint/undecided', `endpoints.${name}`, `what else has changed of ${name} is not known`, {
        endpoint: name,
        severity: 'possibly-breaking',
        remedy: undecidedRemedy,
        reason: done.reason,
      })
  }
  for (const prefix of Object.keys(after.mounts ?? {}))
    if (!own(before.mounts, prefix))
      add('mount/added', `mounts.${prefix}`, `something is mounted at ${prefix}`)
  for (const [prefix, { access }] of sortedEntries(before.mounts)) {
    const mount = own(after.mounts, prefix)
    if (mount && shutOut(mount.access, access).length > 0)
      add(
        'mount/access-widened',
        `mounts.${prefix}.access`,
        `more may call what is mounted at ${prefix} (${access} before, ${mount.access} now)`,
      )
  }
  reservations(before, after, add)
  return found
}

/** How much is done to tell what is new in an endpoint. GitHub's largest take a tenth of it. */
const mostSteps = 200_000

/** What to do about an endpoint that is too large. */
export const undecidedRemedy =
  'accept this in the changeset if you know it to be safe; give what is repeated a name of its own (.meta({ id })), so that it is compared once'

type Add = (
  rule: string,
  path: string,
  message: string,
  more?: { severity?: ChangeSeverity; endpoint?: string; remedy?: string; reason?: string },
) => void

function endpointAdditions(
  name: string,
  before: EndpointDocument,
  after: EndpointDocument,
  old: InterfaceDocument,
  now: InterfaceDocument,
  identical: Identical,
  add: Add,
): void {
  const path = `endpoints.${name}`
  const minor = (rule: string, at: string, message: string) =>
    add(rule, `${path}${at}`, message, { endpoint: name })
  if (shutOut(after.access, before.access).length > 0)
    minor(
      'endpoint/access-widened',
      '.access',
      `more may call ${name} (${before.access} before, ${after.access} now)`,
    )
  if (after.idempotent && !before.idempotent)
    minor('endpoint/idempotent-gained', '.idempotent', `${name} may be repeated now`)
  if (before.grpc === false && after.grpc !== false)
    minor('grpc/added', '.grpc', `${name} is served over gRPC too`)
  if (after.deprecated && !before.deprecated)
    minor(
      'endpoint/deprecated',
      '.deprecated',
      `${name} is deprecated and may be gone after ${after.deprecated.sunset}`,
    )
  else if (!equal(after.deprecated ?? null, before.deprecated ?? null))
    add('endpoint/deprecation', `${path}.deprecated`, `what is announced of the end of ${name} has changed`, {
      endpoint: name,
      severity: 'patch',
    })
  for (const kind of Object.keys(after.errors ?? {}))
    if (!own(before.errors, kind))
      minor(
        'error/added',
        `.errors.${kind}`,
        `${name} may fail with '${kind}'; callers that do not know it see its code, ${after.errors![kind]!.code}`,
      )
  for (const kind of Object.keys(before.errors ?? {}))
    if (!own(after.errors, kind))
      minor('error/removed', `.errors.${kind}`, `${name} does not fail with '${kind}' any more`)
  const parts: [Part, string, JsonSchema | undefined, JsonSchema | undefined][] = [
    ['input', '.input', before.input, after.input],
    ['output', '.output', payloadOf(before), payloadOf(after)],
    ...Object.keys(after.errors ?? {}).map(
      (kind): [Part, string, JsonSchema | undefined, JsonSchema | undefined] => [
        'error',
        `.errors.${kind}`,
        own(before.errors, kind)?.data,
        after.errors![kind]!.data,
      ],
    ),
  ]
  for (const [part, at, was, is] of parts)
    if (was && is && !identical.same(was, is)) {
      const fields = differingFields(
        { schema: was, schemas: old.schemas ?? {} },
        { schema: is, schemas: now.schemas ?? {} },
        identical,
      )
      fieldAdditions(part, `${path}${at}`, name, ...fields, add)
    }
}

function payloadOf({ output }: EndpointDocument): JsonSchema | undefined {
  return 'schema' in output ? output.schema : 'stream' in output ? output.stream : undefined
}

/** What is told of a field besides the values that it may have. */
interface FieldFacts {
  readonly fallback: string | undefined
  readonly deprecated: boolean
  readonly known: readonly unknown[]
}

function fieldAdditions(
  part: Part,
  path: string,
  endpoint: string,
  before: ReadonlyMap<string, FieldFacts>,
  after: ReadonlyMap<string, FieldFacts>,
  add: Add,
): void {
  const more = { endpoint }
  for (const [at, now] of after) {
    const was = before.get(at)
    const where = `${path}${at}`
    // What is inside something new needs no saying.
    if (!was) {
      if (before.has(parentOf(at)))
        add(`${part}/field-added`, where, `${nameOf(at)} is new in ${whole(part, endpoint)}`, more)
      continue
    }
    if (part === 'input' && was.fallback !== now.fallback) {
      if (was.fallback === undefined)
        add('input/default-added', where, `${nameOf(at)} is ${now.fallback} when it is left out`, more)
      else
        add(
          'input/default',
          where,
          `callers of ${endpoint} that leave out ${nameOf(at)} got ${was.fallback}; now they get ${now.fallback ?? 'nothing'}`,
          {
            ...more,
            severity: 'possibly-breaking',
            remedy: 'keep the default, or accept this in the changeset if callers do not rely on it',
            reason: 'every message is still taken; whether callers rely on the value is not known',
          },
        )
    }
    if (now.deprecated && !was.deprecated)
      add(`${part}/field-deprecated`, where, `${nameOf(at)} is deprecated`, more)
    const fresh = now.known.filter((value) => !was.known.includes(value))
    if (was.known.length > 0 && fresh.length > 0)
      add(
        `${part}/open-value-added`,
        where,
        `${nameOf(at)} may be ${fresh.map((value) => JSON.stringify(value)).join(', ')} too; it was marked open`,
        more,
      )
  }
  for (const at of before.keys())
    if (!after.has(at) && after.has(parentOf(at)))
      add(
        `${part}/field-removed`,
        `${path}${at}`,
        part === 'input'
          ? `${nameOf(at)} is gone from ${whole(part, endpoint)}; callers that still send it are not refused, and it is ignored`
          : `${nameOf(at)} is gone from ${whole(part, endpoint)}, which could always be without it`,
        more,
      )
}

function whole(part: Part, endpoint: string): string {
  return part === 'error' ? `an error of ${endpoint}` : `the ${part} of ${endpoint}`
}

function nameOf(at: string): string {
  return at === '' ? 'all of it' : `'${at.slice(1)}'`
}

function parentOf(at: string): string {
  return at.replace(/(\.[^.[]+|\[\])(\[\])*$/, '')
}

/** One side of a comparison: a schema and what it may reference. */
interface Side {
  readonly schema: JsonSchema
  readonly schemas: Schemas
}

/** The fields of two payloads by path. Parts that are identical are not gone into: nothing is new in them. */
function differingFields(
  old: Side,
  now: Side,
  { same }: Identical,
): [before: Map<string, FieldFacts>, after: Map<string, FieldFacts>] {
  const [before, after] = [new Map<string, FieldFacts>(), new Map<string, FieldFacts>()]
  const visit = (was: JsonSchema, is: JsonSchema, path: string, above: ReadonlySet<string>): void => {
    if (same(was, is)) return
    effort()
    const [left, right] = [flat(was, old.schemas), flat(is, now.schemas)]
    const ids = [was.$ref, is.$ref].filter((ref) => ref !== undefined)
    // Variants share a path, so that what is in one may be in another; and what is inside itself is not followed twice.
    if ([left, right].some(({ anyOf, oneOf }) => anyOf ?? oneOf) || ids.some((ref) => above.has(ref))) {
      addFields(before, { schema: was, schemas: old.schemas }, path)
      addFields(after, { schema: is, schemas: now.schemas }, path)
      return
    }
    addFacts(before, left, path)
    addFacts(after, right, path)
    const inside = ids.length === 0 ? above : new Set([...above, ...ids])
    const others = new Map(partsOf(right))
    for (const [step, field] of partsOf(left)) {
      const other = others.get(step)
      if (other) visit(field, other, `${path}${step}`, inside)
      else addFields(before, { schema: field, schemas: old.schemas }, `${path}${step}`)
      others.delete(step)
    }
    for (const [step, field] of others)
      addFields(after, { schema: field, schemas: now.schemas }, `${path}${step}`)
  }
  visit(old.schema, now.schema, '', new Set())
  return [before, after]
}

/** Every field of a schema by its path; a shared schema inside itself is not followed again. */
function addFields(found: Map<string, FieldFacts>, { schema, schemas }: Side, at: string): void {
  const visit = (each: JsonSchema, path: string, above: ReadonlySet<string>): void => {
    const id = each.$ref === undefined ? undefined : idOfRef(each.$ref)
    if (id !== undefined && above.has(id)) return
    effort()
    const inside = id === undefined ? above : new Set([...above, id])
    const here = flat(each, schemas)
    addFacts(found, here, path)
    // GitHub's descriptions nest deeply enough to make more paths than anybody reads.
    if (found.size > 4000) return
    for (const [step, part] of partsOf(here)) visit(part, `${path}${step}`, inside)
    for (const option of [...(here.anyOf ?? []), ...(here.oneOf ?? [])]) visit(option, path, inside)
  }
  visit(schema, at, new Set())
}

function addFacts(found: Map<string, FieldFacts>, here: JsonSchema, path: string): void {
  const facts = found.get(path)
  found.set(path, {
    fallback: facts?.fallback ?? ('default' in here ? JSON.stringify(here.default) : undefined),
    deprecated: facts?.deprecated || here.deprecated === true,
    known: [...(facts?.known ?? []), ...((here['x-known-values'] as unknown[] | undefined) ?? [])],
  })
}

/** The schemas that have a path of their own inside a schema, by the step to them. */
function partsOf({
  properties = {},
  items,
  prefixItems = [],
  additionalProperties,
}: JsonSchema): [step: string, part: JsonSchema][] {
  return [
    ...Object.entries(properties).map(([name, field]): [string, JsonSchema] => [`.${name}`, field]),
    ...(typeof items === 'object' ? [['[]', items] as [string, JsonSchema]] : []),
    ...prefixItems.map((item, index): [string, JsonSchema] => [`[${index}]`, item]),
    ...(typeof additionalProperties === 'object'
      ? [['.<value>', additionalProperties] as [string, JsonSchema]]
      : []),
  ]
}

/** Numbers that once meant something must stay reserved; where they are not, messages of long ago may be misread. */
function reservations(before: InterfaceDocument, after: InterfaceDocument, add: Add): void {
  for (const [name, { fields, reserved = [] }] of sortedEntries(before.protobuf?.messages)) {
    const now = own(after.protobuf?.messages, name)
    const path = `protobuf.messages.${name}`
    const remedy =
      'restore interface.json from the main branch and run atlas interface; numbers are assigned there'
    for (const [field, number] of Object.entries(now?.fields ?? {}))
      if (reserved.includes(number))
        add(
          'protobuf/reserved-used',
          path,
          `'${field}' has the number ${number}, which meant something else in a version before`,
          {
            severity: 'possibly-breaking',
            remedy,
            reason: 'whether callers of that version are left is not known',
          },
        )
    const kept = new Set([...Object.values(now?.fields ?? {}), ...(now?.reserved ?? [])])
    const lost = [...Object.values(fields), ...reserved].filter((number) => !kept.has(number))
    // A message that is gone or renamed has taken its numbers with it.
    if (now && lost.length > 0)
      add(
        'protobuf/reserved-lost',
        path,
        `the numbers ${lost.join(', ')} are neither used nor reserved any more, so another field may get them`,
        {
          severity: 'possibly-breaking',
          remedy,
          reason: 'what will be added later is not known',
        },
      )
  }
}
