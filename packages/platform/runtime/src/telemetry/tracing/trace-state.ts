/**
 * The header `tracestate`: what tracing systems tell themselves along the way, by W3C Trace Context,
 * https://www.w3.org/TR/trace-context-2/#tracestate-header. Does not change; `set` and `unset` make another one.
 */
export class TraceState {
  readonly #members: ReadonlyMap<string, string>

  constructor(members: ReadonlyMap<string, string> = new Map()) {
    this.#members = members
  }

  /** Reads a header; undefined when anything of it is wrong, as then all of it must be dropped. */
  static parse(header: string): TraceState | undefined {
    const members = new Map<string, string>()
    for (const part of header.split(',')) {
      const member = part.replaceAll(/^[ \t]+|[ \t]+$/g, '')
      if (member === '') continue
      const equals = member.indexOf('=')
      const key = member.slice(0, equals)
      const value = member.slice(equals + 1)
      if (equals < 0 || !isKey(key) || !isValue(value)) return undefined
      // A key that comes twice was not updated as it should have been; the front is what changed last.
      if (!members.has(key)) members.set(key, value)
    }
    return members.size > mostMembers ? undefined : new TraceState(members)
  }

  get(key: string): string | undefined {
    return this.#members.get(key)
  }

  /** With a member put in front, as the specification wants what changed last. What is not valid changes nothing. */
  set(key: string, value: string): TraceState {
    if (!isKey(key) || !isValue(value)) return this
    const rest = [...this.#members].filter(([name]) => name !== key)
    return new TraceState(new Map([[key, value], ...rest.slice(0, mostMembers - 1)]))
  }

  unset(key: string): TraceState {
    return new TraceState(new Map([...this.#members].filter(([name]) => name !== key)))
  }

  serialize(): string {
    return [...this.#members].map(([key, value]) => `${key}=${value}`).join(',')
  }
}

const mostMembers = 32

function isKey(key: string): boolean {
  return /^[a-z0-9][a-z0-9_*/@-]{0,255}$/.test(key)
}

function isValue(value: string): boolean {
  return /^[\x20-\x2b\x2d-\x3c\x3e-\x7e]{0,255}[\x21-\x2b\x2d-\x3c\x3e-\x7e]$/.test(value)
}
