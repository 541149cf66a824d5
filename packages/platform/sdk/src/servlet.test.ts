import { contract, endpoint } from '@atlas/contract'
import { expect, test } from 'vitest'
import * as z from 'zod'
import { servlet, web } from './index.ts'
import { open } from './testing/index.ts'

const greeter = contract('greeter', {
  greet: endpoint({
    route: 'GET /greet/{name}',
    input: z.object({ name: z.string() }),
    output: z.object({ message: z.string() }),
  }),
  wave: endpoint({ route: 'POST /wave' }),
})

test('handlers may be an instance of a class', async () => {
  class Greeter {
    readonly #word: string
    constructor(word: string) {
      this.#word = word
    }
    async greet({ name }: { name: string }) {
      return { message: `${this.#word} ${name}` }
    }
    async wave() {}
  }
  const client = open(servlet(greeter, new Greeter('Hi')))
  expect(await client.greet({ name: 'ada' })).toEqual({ message: 'Hi ada' })
})

test('missing handlers are named, all at once', () => {
  expect(() => servlet(greeter, {} as never)).toThrow(
    "servlet 'greeter' has no handler for greet, wave; add it to the handlers",
  )
})

test.for(['/legacy', '/legacy/v2', '/.well-known', '/a-b_c~d'])('mounts at %s', (prefix) => {
  const handlers = { greet: async () => ({ message: '' }), wave: async () => {} }
  const mount = { [prefix]: web(() => new Response()) }
  expect(Object.keys(servlet(greeter, { mount }, handlers).definition.mount)).toEqual([prefix])
})

test.for([
  '',
  '/',
  'legacy',
  '/legacy/',
  '//a',
  '/a//b',
  '/..',
  '/a/../b',
  '/./a',
  '/-',
  '/-/x',
  '/{a}',
  '/a b',
  '/*',
])('does not mount at %j', (prefix) => {
  const handlers = { greet: async () => ({ message: '' }), wave: async () => {} }
  const mount = { [prefix]: web(() => new Response()) }
  expect(() => servlet(greeter, { mount }, handlers)).toThrow(`mounts at '${prefix}'; write a path`)
})
