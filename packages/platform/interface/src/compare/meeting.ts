import type { EndpointDocument, InterfaceDocument } from '../document.ts'
import type { JsonSchema } from '../json-schema.ts'
import { pascalCase, payloadNames } from '../names.ts'
import { assignNumbers, hasNumbers } from '../protobuf/assign-numbers.ts'
import { type Protobuf, protobufOf } from '../protobuf/protobuf-of.ts'
import { protobufShapeOf } from '../protobuf/shape-of.ts'
import { sortedEntries } from '../records.ts'
import { shutOut } from './access.ts'
import { undecidedRemedy } from './additions.ts'
import { bytesGaps } from './bytes.ts'
import { effortOf, within } from './effort.ts'
import type { Change, ChangeWitness, Direction } from './finding.ts'
import { containment } from './json/contain.ts'
import type { Gap } from './json/gap.ts'
import { type Identical, identicalIn } from './json/identical.ts'
import { minimal, several } from './json/samples.ts'
import { refusal } from './json/validate.ts'
import type { EndpointPairs } from './pairs.ts'
import { wireGaps } from './protobuf/wire-gaps.ts'
import { orderedRemedy, type Part, payloadRemedy } from './remedies.ts'
import { capturedBy, reached, requestLine } from './routes.ts'

/** What both directions of a comparison need, made once. */
export interface Shared {
  readonly identical: Identical
  /** The protobuf forms of documents that have one. */
  readonly protobuf: ReadonlyMap<InterfaceDocument, Protobuf | undefined>
}

/** Makes what both directions need. */
export function sharedOf(before: InterfaceDocument, after: InterfaceDocument): Shared {
  return {
    identical: identicalIn(before.schemas ?? {}, after.schemas ?? {}),
    protobuf: new Map([before, after].map((document) => [document, numbered(document)])),
  }
}

/** What happens when callers that were built against one document meet a servlet of another. */
export function meeting(
  caller: InterfaceDocument,
  servlet: InterfaceDocument,
  pairs: EndpointPairs,
  direction: Direction,
  shared: Shared,
): Change[] {
  return new Meeting(caller, servlet, pairs, direction, shared).changes()
}

/** A change as it is found: what is the same in all of a meeting is added. */
type Found = Omit<Change, 'severity' | 'direction'>

class Meeting {
  readonly #caller: InterfaceDocument
  readonly #servlet: InterfaceDocument
  readonly #pairs: EndpointPairs
  readonly #direction: Direction
  readonly #callers: string
  readonly #version: string
  readonly #requests
  readonly #answers
  readonly #protobuf: { caller: Protobuf; servlet: Protobuf } | undefined
  readonly #found: Change[] = []
  /** Routes of endpoints of the servlet that the caller does not know, by how they begin. */
  readonly #added = new Map<string, (readonly [endpoint: string, route: string])[]>()

  constructor(
    caller: InterfaceDocument,
    servlet: InterfaceDocument,
    pairs: EndpointPairs,
    direction: Direction,
    { identical, protobuf }: Shared,
  ) {
    const isOld = direction === 'old-caller'
    this.#caller = caller
    this.#servlet = servlet
    this.#pairs = pairs
    this.#direction = direction
    this.#callers = `callers built against the ${isOld ? 'old' : 'new'} version`
    this.#version = `the ${isOld ? 'new' : 'old'} version`
    const [mine, theirs] = [caller.schemas ?? {}, servlet.schemas ?? {}]
    this.#requests = containment(mine, theirs, identical)
    this.#answers = containment(theirs, mine, identical)
    const [here, there] = [protobuf.get(caller), protobuf.get(servlet)]
    this.#protobuf = here && there && { caller: here, servlet: there }
    for (const [name, { route }] of Object.entries(servlet.endpoints))
      if (pairs.callerOf(name) === undefined)
        for (const key of [methodOf(route), beginningOf(route)])
          if (key !== undefined && this.#added.get(key)?.push([name, route]) === undefined)
            this.#added.set(key, [[name, route]])
  }

  changes(): Change[] {
    if (this.#caller.name !== this.#servlet.name)
      this.#breaking({
        rule: 'servlet/renamed',
        path: 'name',
        message: `${this.#callers} call '${this.#caller.name}'; ${this.#version} is called '${this.#servlet.name}'`,
        remedy: orderedRemedy(this.#direction, 'keep the name, or add a new servlet and retire this one'),
        witness: {
          kind: 'request',
          from: 'caller',
          value: `POST /${this.#caller.name.replaceAll('-', '_')}.${pascalCase(this.#caller.name)}/...`,
          outcome: 'no servlet of that name is there',
        },
      })
    for (const [name, endpoint] of sortedEntries(this.#caller.endpoints)) {
      const other = this.#pairs.servletOf(name)
      const done = within(mostSteps, () => {
        if (other === undefined) this.#missing(name, endpoint)
        else this.#endpoint(name, endpoint, other, this.#servlet.endpoints[other]!)
      })
      if (!done.ok)
        this.#possibly({
          rule: 'endpoint/undecided',
          endpoint: name,
          path: `endpoints.${name}`,
          message: `whether ${this.#callers} of ${name} and ${this.#version} understand each other is not known`,
          remedy: orderedRemedy(this.#direction, undecidedRemedy),
          reason: done.reason,
        })
    }
    this.#mounts()
    return this.#found
  }

  #missing(name: string, endpoint: EndpointDocument): void {
    const line = requestLine(endpoint, this.#caller.schemas)
    const hit = reached(line, this.#servlet)
    this.#breaking({
      rule: 'endpoint/missing',
      endpoint: name,
      path: `endpoints.${name}`,
      message: `${this.#callers} may call ${name} (${endpoint.route}); ${this.#version} does not have it`,
      remedy: orderedRemedy(
        this.#direction,
        'keep it, mark it deprecated with a sunset, and remove it when nobody calls it any more (atlas impact)',
      ),
      witness: {
        kind: 'request',
        from: 'caller',
        value: `${line.method} ${line.path}`,
        outcome: hit ? `reaches '${hit.endpoint}', another endpoint` : 'no route matches',
      },
    })
  }

  #endpoint(name: string, caller: EndpointDocument, other: string, servlet: EndpointDocument): void {
    this.#route(name, caller, other, servlet)
    this.#access(`endpoints.${name}.access`, name, caller.access, servlet.access)
    const grpc = caller.grpc !== false
    if (grpc && (servlet.grpc === false || name !== other))
      this.#breaking({
        rule: 'grpc/missing',
        endpoint: name,
        path: `endpoints.${name}.grpc`,
        message: `${this.#callers} may call ${name} over gRPC; ${this.#version} does not serve it there`,
        remedy: orderedRemedy(
          this.#direction,
          'keep it on gRPC, and add a new endpoint for what protobuf cannot carry',
        ),
        witness: {
          kind: 'request',
          from: 'caller',
          value: `POST /${this.#caller.name.replaceAll('-', '_')}.${pascalCase(this.#caller.name)}/${pascalCase(name)}`,
          outcome: 'unimplemented',
        },
      })
    if (caller.idempotent && !servlet.idempotent)
      this.#breaking({
        rule: 'endpoint/idempotent',
        endpoint: name,
        path: `endpoints.${name}.idempotent`,
        message: `${this.#callers} may repeat a call of ${name} after a lost answer; in ${this.#version} that has a further effect`,
        remedy: orderedRemedy(
          this.#direction,
          'keep it idempotent, with a key in the input, say, or add a new endpoint',
        ),
        witness: {
          kind: 'request',
          from: 'caller',
          value: `${requestLine(caller, this.#caller.schemas).method} ${requestLine(caller, this.#caller.schemas).path}, sent twice`,
          outcome: 'takes effect twice',
        },
      })
    this.#body(name, caller, servlet)
    const before = this.#found.length
    this.#payload('input', `endpoints.${name}.input`, name, caller.input, servlet.input)
    this.#output(name, caller, servlet)
    this.#errors(name, caller, servlet)
    if (grpc && servlet.grpc !== false && name === other)
      this.#wire(name, caller, servlet, this.#found.slice(before))
  }

  #route(name: string, caller: EndpointDocument, other: string, servlet: EndpointDocument): void {
    if (caller.route !== servlet.route) {
      const line = this.#distinctLine(caller)
      const hit = reached(line, this.#servlet)
      const misread =
        hit?.endpoint === other
          ? Object.entries(line.fields).find(([field, text]) => hit.fields[field] !== text)
          : undefined
      const lost = hit?.endpoint !== other
      if (lost || misread)
        return this.#breaking({
          rule: 'endpoint/route',
          endpoint: name,
          path: `endpoints.${name}.route`,
          message: `${this.#callers} call ${name} as ${caller.route}; ${this.#version} answers it at ${servlet.route}`,
          remedy: orderedRemedy(
            this.#direction,
            'keep the route, and give the new one to a new endpoint with the same handler',
          ),
          witness: {
            kind: 'request',
            from: 'caller',
            value: `${line.method} ${line.path}`,
            outcome: !lost
              ? `{${misread![0]}} is read as another field`
              : hit
                ? `reaches '${hit.endpoint}', another endpoint`
                : 'no route matches',
          },
        })
    }
    const rivals = this.#added.get(beginningOf(caller.route) ?? methodOf(caller.route)) ?? []
    for (const [rival, route] of rivals) {
      const given = capturedBy(caller.route, route)
      if (!given) continue
      const line = requestLine(caller, this.#caller.schemas, given)
      if (reached(line, this.#servlet)?.endpoint !== rival) continue
      const allowed = Object.entries(given).every(([field, text]) => {
        const schema = caller.input.properties?.[field]
        return !schema || refusal(text, schema, this.#caller.schemas ?? {}) === undefined
      })
      if (!allowed) continue
      this.#possibly({
        rule: 'endpoint/captured',
        endpoint: name,
        path: `endpoints.${name}.route`,
        message: `${this.#callers} reach ${name} with ${line.method} ${line.path}; in ${this.#version} that reaches ${rival}`,
        remedy: orderedRemedy(
          this.#direction,
          'give the new endpoint a path that no value of the other can have, or accept this',
        ),
        reason: `whether callers send ${Object.values(given)
          .map((text) => `'${text}'`)
          .join(', ')} there is not known`,
      })
    }
  }

  /** Fields of the path with values that are told apart, where the input allows them. */
  #distinctLine(caller: EndpointDocument) {
    const schemas = this.#caller.schemas ?? {}
    const given: Record<string, string> = {}
    for (const [index, field] of [...caller.route.matchAll(/\{(\w+)\*?\}/g)]
      .map((match) => match[1]!)
      .entries()) {
      const schema = caller.input.properties?.[field]
      const rest = caller.route.includes(`{${field}*}`)
      const texts = (schema ? several(schema, schemas) : [])
        .map(String)
        .filter((text) => /^[\w.~@-]+$/.test(text) && !/^\.+$/.test(text))
      const own = rest ? `${field}/${field}` : `${field}${index}`
      const fits = !schema || refusal(own, schema, schemas) === undefined
      const text = fits ? own : texts[index % Math.max(texts.length, 1)]
      if (text !== undefined) given[field] = text
    }
    return requestLine(caller, schemas, given)
  }

  #access(
    path: string,
    endpoint: string | undefined,
    expected: EndpointDocument['access'],
    actual: EndpointDocument['access'],
  ): void {
    const [who] = shutOut(expected, actual)
    if (who === undefined) return
    this.#breaking({
      rule: endpoint === undefined ? 'mount/access' : 'endpoint/access',
      ...(endpoint === undefined ? {} : { endpoint }),
      path,
      message: `${this.#callers} rely on '${expected}' access; ${this.#version} has '${actual}', which refuses ${who}`,
      remedy: orderedRemedy(this.#direction, 'keep the access, and give the narrower one to a new endpoint'),
      witness: { kind: 'caller', from: 'caller', value: who, outcome: `refused by '${actual}'` },
    })
  }

  #body(name: string, caller: EndpointDocument, servlet: EndpointDocument): void {
    const path = `endpoints.${name}.body`
    if (!caller.body !== !servlet.body)
      return this.#breaking({
        rule: 'input/body',
        endpoint: name,
        path,
        message: `${this.#callers} send ${caller.body ? 'bytes' : 'no bytes'} to ${name}; ${this.#version} expects ${servlet.body ? 'bytes' : 'none'}`,
        remedy: orderedRemedy(this.#direction, 'keep the kind of body, and add a new endpoint for the other'),
        witness: {
          kind: 'bytes',
          from: 'caller',
          value: caller.body
            ? { contentType: 'application/octet-stream', sizeBytes: 1 }
            : exampleOf(caller.input, this.#caller.schemas),
          outcome: servlet.body ? 'is taken for the bytes' : 'is no JSON object',
        },
      })
    if (caller.body && servlet.body) this.#bytes('input', path, name, caller.body, servlet.body)
  }

  #bytes(
    part: Part,
    path: string,
    endpoint: string,
    caller: NonNullable<EndpointDocument['body']>,
    servlet: NonNullable<EndpointDocument['body']>,
  ): void {
    const [writer, reader] = part === 'input' ? [caller, servlet] : [servlet, caller]
    for (const gap of bytesGaps(writer, reader))
      this.#breaking({
        rule: `${part}/${gap.kind}`,
        endpoint,
        path: `${path}.${gap.kind === 'bytes-type' ? 'types' : 'maxBytes'}`,
        message: `${this.#says(part, endpoint)} may ${gap.writes}; ${this.#reads(part)} ${gap.takes}`,
        remedy: orderedRemedy(
          this.#direction,
          part === 'input'
            ? 'go on taking what was taken'
            : 'keep to what callers were told, and send the rest from a new endpoint',
        ),
        witness: {
          kind: 'bytes',
          from: part === 'input' ? 'caller' : 'servlet',
          value: gap.witness,
          outcome: `takes ${gap.takes}`,
        },
      })
  }

  #output(name: string, { output: caller }: EndpointDocument, { output: servlet }: EndpointDocument): void {
    const path = `endpoints.${name}.output`
    const [expected, actual] = [Object.keys(caller)[0]!, Object.keys(servlet)[0]!]
    if (expected !== actual)
      return this.#breaking({
        rule: 'output/kind',
        endpoint: name,
        path,
        message: `${this.#callers} expect ${kinds[expected]} from ${name}; ${this.#version} answers with ${kinds[actual]}`,
        remedy: orderedRemedy(
          this.#direction,
          'keep the kind of answer, and add a new endpoint for the other',
        ),
        witness: {
          kind: 'json',
          from: 'servlet',
          value:
            'bytes' in servlet
              ? servlet.bytes
              : exampleOf('schema' in servlet ? servlet.schema : servlet.stream, this.#servlet.schemas),
          outcome: `is ${kinds[actual]}, not ${kinds[expected]}`,
        },
      })
    if ('bytes' in caller && 'bytes' in servlet)
      this.#bytes('output', path, name, caller.bytes, servlet.bytes)
    else if ('schema' in caller && 'schema' in servlet)
      this.#payload('output', path, name, caller.schema, servlet.schema)
    else if ('stream' in caller && 'stream' in servlet)
      this.#payload('output', path, name, caller.stream, servlet.stream)
  }

  #errors(name: string, caller: EndpointDocument, servlet: EndpointDocument): void {
    for (const [kind, { code, data }] of sortedEntries(servlet.errors)) {
      const known = caller.errors?.[kind]
      // A kind that a caller does not know arrives as its code.
      if (!known) continue
      const path = `endpoints.${name}.errors.${kind}`
      if (known.code !== code)
        this.#breaking({
          rule: 'error/code',
          endpoint: name,
          path: `${path}.code`,
          message: `${this.#callers} know the error '${kind}' of ${name} as ${known.code}; ${this.#version} sends it as ${code}`,
          remedy: orderedRemedy(this.#direction, 'keep the code, and add a new kind with the other one'),
          witness: {
            kind: 'json',
            from: 'servlet',
            value: { code, kind, data: exampleOf(data, this.#servlet.schemas) },
            outcome: `the code is not ${known.code}, so callers that go by it act differently`,
          },
        })
      this.#payload('error', path, name, known.data, data)
    }
  }

  #payload(part: Part, path: string, endpoint: string, caller: JsonSchema, servlet: JsonSchema): void {
    const sides = part === 'input' ? this.#requests : this.#answers
    const [writer, reader] = part === 'input' ? [caller, servlet] : [servlet, caller]
    const seen = new Set<string>()
    const gaps = within(mostPayloadSteps, () => sides.gaps(writer, reader))
    if (!gaps.ok)
      return this.#possibly({
        rule: `${part}/undecided`,
        endpoint,
        path,
        message: `${this.#says(part, endpoint)} may send what ${part === 'input' ? `${this.#version} refuses` : `${this.#callers} refuse`}; whether there is such a message is not known`,
        remedy: orderedRemedy(this.#direction, undecidedRemedy),
        reason: gaps.reason,
      })
    for (const gap of gaps.value) {
      const key = `${gap.kind} ${gap.path} ${gap.writes}`
      if (seen.has(key)) continue
      seen.add(key)
      const witness = proofOf(gap, writer, sides.writer, reader, sides.reader)
      const found = {
        rule: `${part}/${gap.kind}`,
        endpoint,
        path: `${path}${gap.path}`,
        message: `${this.#says(part, endpoint)} may ${gap.writes}; ${this.#reads(part)} ${gap.takes}`,
        remedy: payloadRemedy(part, gap.kind, this.#direction),
      }
      if (witness)
        this.#breaking({ ...found, witness: { ...witness, from: part === 'input' ? 'caller' : 'servlet' } })
      else
        this.#possibly({
          ...found,
          reason:
            gap.reason ??
            'no message was found that one side may send and the other refuses; that there is none is not proven',
        })
    }
  }

  #wire(name: string, caller: EndpointDocument, servlet: EndpointDocument, json: readonly Change[]): void {
    if (!this.#protobuf) return
    const { caller: mine, servlet: theirs } = this.#protobuf
    const known = new Set(json.map(({ path }) => path))
    const compare = (part: Part, path: string, message: string): void => {
      const [writer, reader] = part === 'input' ? [mine, theirs] : [theirs, mine]
      for (const gap of wireGaps({ message, types: writer }, { message, types: reader })) {
        // Of the same field JSON has said more already.
        if (
          [...known].some(
            (each) =>
              `${path}${gap.path}` === each ||
              `${path}${gap.path}`.startsWith(`${each}.`) ||
              each.startsWith(`${path}${gap.path}`),
          )
        )
          continue
        this.#breaking({
          rule: `protobuf/${gap.kind}`,
          endpoint: name,
          path: `${path}${gap.path}`,
          message: `over gRPC, ${part === 'input' ? this.#callers : this.#version} and ${part === 'input' ? this.#version : this.#callers} do not understand each other in ${name}: ${gap.message}`,
          remedy: orderedRemedy(
            this.#direction,
            'keep the type that the field has on the wire, and add a new field for the other; or restore interface.json if it was edited',
          ),
          witness: {
            kind: 'protobuf',
            from: part === 'input' ? 'caller' : 'servlet',
            value: gap.bytes,
            outcome: gap.outcome,
          },
        })
      }
    }
    compare('input', `endpoints.${name}.input`, payloadNames.input(name))
    if (!('bytes' in caller.output) && !('bytes' in servlet.output))
      compare('output', `endpoints.${name}.output`, payloadNames.output(name))
    for (const kind of Object.keys(servlet.errors ?? {}))
      if (caller.errors?.[kind])
        compare('error', `endpoints.${name}.errors.${kind}`, payloadNames.error(name, kind))
  }

  #mounts(): void {
    for (const [prefix, { access }] of sortedEntries(this.#caller.mounts)) {
      const other = this.#servlet.mounts?.[prefix]
      if (other) this.#access(`mounts.${prefix}.access`, undefined, access, other.access)
      else
        this.#breaking({
          rule: 'mount/missing',
          path: `mounts.${prefix}`,
          message: `${this.#callers} may use what is mounted at ${prefix}; ${this.#version} mounts nothing there`,
          remedy: orderedRemedy(this.#direction, 'keep the mount, or redirect from it'),
          witness: { kind: 'request', from: 'caller', value: `GET ${prefix}/`, outcome: 'no route matches' },
        })
    }
  }

  #says(part: Part, endpoint: string): string {
    const who = part === 'input' ? `${this.#callers} of ${endpoint}` : `${endpoint} of ${this.#version}`
    return part === 'error' ? `an error of ${who}` : who
  }

  #reads(part: Part): string {
    return part === 'input' ? `${this.#version} takes` : `${this.#callers} take`
  }

  #breaking(found: Found & { readonly witness: ChangeWitness }): void {
    this.#found.push(this.#made(found, 'breaking'))
  }

  #possibly(found: Found & { readonly reason: string }): void {
    this.#found.push(this.#made(found, 'possibly-breaking'))
  }

  #made(
    { rule, endpoint, path, message, remedy, witness, reason }: Found,
    severity: Change['severity'],
  ): Change {
    return {
      rule,
      severity,
      direction: this.#direction,
      ...(endpoint === undefined ? {} : { endpoint }),
      path,
      message,
      remedy,
      ...(witness === undefined ? {} : { witness }),
      ...(reason === undefined ? {} : { reason }),
    }
  }
}

/** How much is done for a payload, and for an endpoint with all of its own. GitHub's largest take a tenth of it. */
const mostPayloadSteps = 100_000
const mostSteps = 400_000

/** A message of which it does not matter what is in it. */
function exampleOf(schema: JsonSchema, schemas: InterfaceDocument['schemas'] = {}): unknown {
  const made = within(mostProofSteps, () => {
    const value = minimal(schema, schemas)
    effortOf(value)
    return value
  })
  return made.ok ? made.value : null
}

/** How much is done to find a message that proves a gap; those that are found take a few hundred steps. */
const mostProofSteps = 20_000

/** `GET` of `GET /files/{id}`. */
function methodOf(route: string): string {
  return route.slice(0, route.indexOf(' '))
}

/** `GET /files` of `GET /files/{id}`: only routes that begin alike may match the same. Undefined where a field comes first. */
function beginningOf(route: string): string | undefined {
  return /^\S+ \/[^/{]+/.exec(route)?.[0]
}

/** The first example that the writer may produce and the reader refuses, each asked. */
function proofOf(
  { candidates }: Gap,
  writer: JsonSchema,
  mine: InterfaceDocument['schemas'] = {},
  reader: JsonSchema,
  theirs: InterfaceDocument['schemas'] = {},
): Omit<ChangeWitness, 'from'> | undefined {
  const found = within(mostProofSteps, (): Omit<ChangeWitness, 'from'> | undefined => {
    for (const value of candidates) {
      if (value === undefined || refusal(value, writer, mine) !== undefined) continue
      const outcome = refusal(value, reader, theirs)
      if (outcome === undefined) continue
      // It is written out, and parts that are one here are many then.
      effortOf(value)
      return { kind: 'json', value, outcome }
    }
    return undefined
  })
  return found.ok ? found.value : undefined
}

/** The protobuf form of a document; what has no number yet, in a document that was edited, gets one. */
function numbered(document: InterfaceDocument): Protobuf | undefined {
  if (!document.protobuf) return undefined
  const { shape, problems } = protobufShapeOf(document)
  if (problems.length > 0) return undefined
  if (hasNumbers(shape, document.protobuf)) return protobufOf(document, { shape, problems })
  const protobuf = assignNumbers(shape, { shape, numbers: document.protobuf })
  return protobuf && protobufOf({ ...document, protobuf }, { shape, problems })
}

const kinds: Readonly<Record<string, string>> = { schema: 'one message', stream: 'a stream', bytes: 'bytes' }
