import type { Http2Exchange } from './exchange.ts'

/** Headers about one connection of HTTP/1.1: they have no meaning in HTTP/2, and are errors there. */
const hopByHop: ReadonlySet<string> = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
])

/** What would end a line, or split the first, if it came through. */
const unfit = /[\0\r\n]/
const unfitTarget = /[^!-~\x80-\xff]/

/** The head of a request as HTTP/1.1 has it. @throws TypeError when it has no words for this one */
export function writeRequestHead({ method, headers }: Http2Exchange, chunked: boolean): Buffer {
  const target = headers[':path']
  if (!target || unfitTarget.test(target) || unfitTarget.test(method))
    throw new TypeError('the method or path has forbidden characters')
  let head = `${method} ${target} HTTP/1.1\r\n`
  for (const name in headers) {
    if (name[0] === ':' || name === 'expect' || hopByHop.has(name)) continue
    const value = headers[name]
    const text = Array.isArray(value) ? value.join(', ') : value!
    if (unfit.test(text)) throw new TypeError(`the header ${name} has forbidden characters`)
    head += `${name}: ${text}\r\n`
  }
  if (chunked) head += 'transfer-encoding: chunked\r\n'
  return Buffer.from(`${head}\r\n`, 'latin1')
}

/** Names and values in turns without those that are about the connection, as the names of some say themselves. */
export function withoutHops(fields: readonly string[]): string[] {
  let named: string[] | undefined
  for (let index = 0; index < fields.length; index += 2)
    if (fields[index] === 'connection')
      named = [...(named ?? []), ...fields[index + 1]!.split(',').map((name) => name.trim().toLowerCase())]
  const out: string[] = []
  for (let index = 0; index < fields.length; index += 2) {
    const name = fields[index]!
    if (!hopByHop.has(name) && !named?.includes(name)) out.push(name, fields[index + 1]!)
  }
  return out
}
