/** Inference of endpoints, and the wrong things that must not compile. Checked by `tsc -p .`. */
import * as z from 'zod'
import {
  type AnswerOf,
  type ByteStream,
  bytes,
  type CallInputOf,
  contract,
  type Empty,
  type ErrorOf,
  endpoint,
  error,
  type InputOf,
  type OutputOf,
  page,
  paging,
  stream,
} from './index.ts'

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false
function expectType<_T extends true>(): void {}

const greet = endpoint({
  route: 'GET /greet/{name}',
  access: 'public',
  input: z.object({ name: z.string(), loud: z.boolean().default(false) }),
  output: z.object({ message: z.string() }),
  errors: { nobody: error('not_found', { name: z.string() }), full: error('resource_exhausted') },
})
type Greet = typeof greet
expectType<Equal<InputOf<Greet>, { name: string; loud: boolean }>>()
expectType<Equal<CallInputOf<Greet>, { name: string; loud?: boolean | undefined }>>()
expectType<Equal<OutputOf<Greet>, { message: string }>>()
expectType<Equal<Greet['access'], 'public'>>()
expectType<Equal<ErrorOf<Greet>['kind'], 'nobody' | 'full'>>()

function told(error: ErrorOf<Greet>): string {
  return error.kind === 'nobody' ? error.data.name : error.code
}
told satisfies unknown

const upload = endpoint({
  route: 'PUT /content/{path*}',
  input: z.object({ path: z.string() }),
  body: bytes(),
})
expectType<Equal<InputOf<typeof upload>['body'], ByteStream>>()
undefined satisfies AnswerOf<typeof upload>

const put = contract('put', { all: endpoint({ route: 'PUT /all', body: bytes() }) })
expectType<Equal<InputOf<(typeof put)['endpoints']['all']>, { readonly body: ByteStream }>>()
expectType<Equal<InputOf<(typeof all)['endpoints']['watch']>, Record<string, never>>>()

const watch = endpoint({ route: 'GET /watch', output: stream(z.object({ n: z.int() })) })
expectType<Equal<OutputOf<typeof watch>, { n: number }>>()

const list = endpoint({
  route: 'GET /files',
  input: z.object({ ...paging() }),
  output: page(z.object({ id: z.string() })),
})
expectType<Equal<OutputOf<typeof list>['items'][number], { id: string }>>()

const all = contract('all', { greet, upload, watch, list })
expectType<Equal<(typeof all)['name'], 'all'>>()
const inside = contract('inside', { remove: endpoint({ route: 'DELETE /files' }) })
expectType<Equal<(typeof inside)['endpoints']['remove']['output'], Empty>>()
expectType<Equal<(typeof inside)['endpoints']['remove']['access'], 'internal'>>()
expectType<Equal<(typeof all)['endpoints']['greet']['route'], 'GET /greet/{name}'>>()

// @ts-expect-error a field of the route that input does not have
endpoint({ route: 'GET /greet/{nmae}', input: z.object({ name: z.string() }) })
// @ts-expect-error a field of the route without any input
endpoint({ route: 'GET /greet/{name}' })
// @ts-expect-error not a method
endpoint({ route: 'FETCH /greet' })
// @ts-expect-error not a path
endpoint({ route: 'GET greet' })
// @ts-expect-error not an access
endpoint({ route: 'GET /greet', access: 'pubic' })
// @ts-expect-error not a code
error('not_fuond')
// @ts-expect-error not an object
endpoint({ route: 'POST /greet', input: z.string() })
// @ts-expect-error a misspelt option
endpoint({ route: 'POST /greet', idempotnet: true })
