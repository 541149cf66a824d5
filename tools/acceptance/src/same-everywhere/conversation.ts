import { randomBytes } from 'node:crypto'

/** What is asked, and what of the answer later questions need. */
interface Question {
  readonly name: string
  readonly method?: string
  /** `{token}` and the like are what was learned before. */
  readonly path: string
  readonly body?: unknown
  readonly type?: string
  /** A token to send: `token`, or one that is wrong. */
  readonly as?: string
  /** Fields of the answer that are remembered, and what by. */
  readonly learn?: Readonly<Record<string, string>>
}

const ada = { email: 'ada@acme.example', password: 'correct horse battery' }

/** A day of the product: all servlets but those that stream, what they answer, and what they refuse. */
const questions: readonly Question[] = [
  { name: 'register', path: '/accounts', body: { ...ada, name: 'Ada' } },
  { name: 'register again', path: '/accounts', body: { ...ada, name: 'Eve' } },
  { name: 'register without a name', path: '/accounts', body: ada },
  { name: 'something that is no JSON', path: '/accounts', body: '{', type: 'application/json' },
  { name: 'a wrong password', path: '/sessions', body: { ...ada, password: 'wrong' } },
  { name: 'sign in', path: '/sessions', body: ada, learn: { token: 'token' } },
  { name: 'who am I', path: '/me', as: '{token}' },
  { name: 'who am I, asked by nobody', path: '/me' },
  { name: 'who am I, asked with a wrong token', path: '/me', as: 'wrong' },
  { name: 'an internal endpoint', path: '/accounts/0b9d9ad2-91f9-4b1b-9d1b-3a5a6f7f3c11', as: '{token}' },
  {
    name: 'upload',
    method: 'PUT',
    path: '/content/notes/plan.md',
    body: '# Plan',
    type: 'text/markdown',
    as: '{token}',
  },
  { name: 'list', path: '/files', as: '{token}' },
  { name: 'download', path: '/content/notes/plan.md', as: '{token}' },
  { name: 'download what is not there', path: '/content/nothing', as: '{token}' },
  {
    name: 'share',
    path: '/shares',
    body: { path: 'notes/plan.md', password: 'jacquard' },
    as: '{token}',
    learn: { id: 'link' },
  },
  { name: 'share what is not there', path: '/shares', body: { path: 'nothing' }, as: '{token}' },
  { name: 'open with a wrong password', path: '/s/{link}', body: { password: 'wrong' } },
  { name: 'open', path: '/s/{link}', body: { password: 'jacquard' }, learn: { ticket: 'ticket' } },
  { name: 'download of a link', path: '/s/{link}/content?ticket={ticket}' },
  { name: 'preview of a link', path: '/link-previews/{link}?ticket={ticket}' },
  { name: 'preview', path: '/previews/notes/plan.md', as: '{token}' },
  { name: 'search', path: '/search?q=plan', as: '{token}' },
  { name: 'feed', path: '/feed', as: '{token}' },
  { name: 'notifications', path: '/notifications', as: '{token}' },
  { name: 'greet', path: '/greet/ada' },
  { name: 'greet in the wrong way', method: 'DELETE', path: '/greet/ada' },
  { name: 'somewhere that nothing is', path: '/nowhere' },
]

/** An answer, without what differs from run to run. */
export interface Heard {
  readonly name: string
  readonly traceId: string
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/** What was heard, and how to take ids and times out of other texts. */
export interface Conversation {
  readonly heard: readonly Heard[]
  plain(text: string): string
}

/** Headers of the connection, and the time. */
const passing = ['connection', 'content-length', 'date', 'keep-alive', 'transfer-encoding']

/** Asks the product all questions, one after the other, each in a trace of its own. */
export async function converse(url: string): Promise<Conversation> {
  const known = new Map<string, string>()
  const filled = (text: string) => text.replace(/\{(\w+)\}/g, (_, name: string) => known.get(name)!)
  const plain = (text: string) => {
    let result = text
    for (const [name, value] of known) result = result.replaceAll(value, `<${name}>`)
    return result
      .replace(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, '<id>')
      .replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, '<time>')
  }
  const heard: Heard[] = []
  for (const { name, method, path, body, type, as, learn } of questions) {
    const traceId = randomBytes(16).toString('hex')
    const headers: Record<string, string> = {
      traceparent: `00-${traceId}-${randomBytes(8).toString('hex')}-01`,
    }
    if (body !== undefined) headers['content-type'] = type ?? 'application/json'
    if (as !== undefined) headers.authorization = `Bearer ${filled(as)}`
    const response = await fetch(url + filled(path), {
      method: method ?? (body === undefined ? 'GET' : 'POST'),
      headers,
      ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    })
    const text = await response.text()
    const fields = learn && response.ok ? (JSON.parse(text) as Record<string, string>) : {}
    for (const [field, as] of Object.entries(learn ?? {})) known.set(as, fields[field] ?? `no ${field}`)
    heard.push({
      name,
      traceId,
      status: response.status,
      headers: Object.fromEntries(
        [...response.headers]
          .filter(([header]) => !passing.includes(header))
          .map(([header, value]) => [header, plain(value)]),
      ),
      body: plain(text),
    })
  }
  return { heard, plain }
}
