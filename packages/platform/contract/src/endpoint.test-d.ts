import * as z from 'zod'
import {
  type AnswerOf,
  type ByteStream,
  bytes,
  type CallInputOf,
  contract,
  type ErrorOf,
  endpoint,
  error,
  type InputOf,
  type OutputOf,
  stream,
} from './index.ts'

const a = endpoint({
  route: 'GET /greet/{name}',
  access: 'public',
  input: z.object({ name: z.string(), loud: z.boolean().default(false) }),
  output: z.object({ message: z.string() }),
  errors: { nobody: error('not_found', { name: z.string() }), full: error('resource_exhausted') },
})
const _in: InputOf<typeof a> = { name: 'x', loud: true }
const _call: CallInputOf<typeof a> = { name: 'x' }
const _acc: 'public' = a.access
declare const e: ErrorOf<typeof a>
if (e.kind === 'nobody') e.data.name.toUpperCase()
// @ts-expect-error
else e.data.name
const u = endpoint({ route: 'PUT /c/{path*}', input: z.object({ path: z.string() }), body: bytes() })
declare const ui: InputOf<typeof u>
const _b: ByteStream = ui.body
const _v: AnswerOf<typeof u> = undefined
const s = endpoint({ route: 'GET /w', output: stream(z.object({ n: z.int() })) })
declare const so: OutputOf<typeof s>
so.n.toFixed()
const c = contract('x', { a, u, s })
c.endpoints.a.route satisfies 'GET /greet/{name}'
endpoint({ route: 'GET /greet/{nmae}', input: z.object({ name: z.string() }) })
endpoint({ route: 'FETCH /greet/{name}', input: z.object({ name: z.string() }) })
endpoint({ route: 'GET /greet/{name}' })
endpoint({ route: 'GET /greet', access: 'pubic' })
