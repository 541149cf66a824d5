import { Hono } from 'hono'
import { expect, test } from 'vitest'
import type { WebHandler } from './mount.ts'
import { web } from './web.ts'

async function ask(mount: ReturnType<typeof web>, path: string): Promise<string> {
  const loaded = await mount.load()
  if (loaded.kind !== 'web') throw new TypeError('not a web handler')
  const response = await loaded.handle(new Request(`http://localhost${path}`))
  await loaded.close()
  return `${response.status} ${await response.text()}`
}

test('a Hono app answers', async () => {
  const app = new Hono().basePath('/docs').get('/:page', (c) => c.text(`page ${c.req.param('page')}`))
  expect(await ask(web(app), '/docs/start')).toBe('200 page start')
  expect((await ask(web(app), '/docs')).slice(0, 3)).toBe('404')
})

test('a handler answers, and a method keeps its object', async () => {
  expect(
    await ask(
      web(async (request) => new Response(new URL(request.url).pathname)),
      '/a',
    ),
  ).toBe('200 /a')
  class App {
    readonly #word = 'hello'
    fetch(_request: Request) {
      return new Response(this.#word)
    }
  }
  expect(await ask(web(new App()), '/')).toBe('200 hello')
})

test.for([undefined, null, {}, 'app', { fetch: 1 }])('%o is refused', (value) => {
  expect(() => web(value as unknown as WebHandler)).toThrow(
    'web() was given neither a function (request) nor an app with one as fetch',
  )
})

test('it is internal unless it says otherwise', () => {
  const handle = () => new Response()
  expect(web(handle)).toMatchObject({ kind: 'web', access: 'internal', openapi: undefined })
  expect(web(handle, { access: 'user', openapi: 'docs.json' })).toMatchObject({
    access: 'user',
    openapi: 'docs.json',
  })
})
