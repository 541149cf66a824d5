import { setTimeout as wait } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type Certificate, makeCertificate } from '../../fixtures/certificate.ts'
import { jsonRequest, request } from '../../fixtures/http-request.ts'
import { Probe, probeServlet } from '../../fixtures/probe.ts'
import { RawClient } from '../../fixtures/raw-client.ts'
import { serveOne } from '../../fixtures/way.ts'
import type { Server } from '../../serve.ts'

let certificate: Certificate
beforeAll(() => {
  certificate = makeCertificate()
})
afterAll(() => certificate.remove())

/** Bodies of several TLS records each: Node decrypts all that came before anybody can pause it. */
const texts = Array.from({ length: 12 }, (_, index) => `${index} `.repeat(40_000 + index * 1000))
const posts = texts.map((text) => jsonRequest('POST', '/json', JSON.stringify({ text })))
const answers = texts.map((text) => JSON.stringify({ text }))

describe.each([
  ['TLS', true],
  ['cleartext', false],
])('requests over %s that come while the client is behind with answers', (_name, secure) => {
  let test: Probe
  let server: Server
  let client: RawClient
  let logged: number[]
  beforeEach(async () => {
    test = new Probe()
    logged = []
    server = await serveOne(probeServlet(test), {
      ...(secure ? { tls: certificate.tls } : {}),
      onRequest: ({ status }) => logged.push(status),
    })
    client = await RawClient.connect(server.port, secure ? certificate.tls.cert : undefined)
  })
  afterEach(async () => {
    client.close()
    await server.close({ graceMs: 0 })
  })

  it('are answered in turn when an answer was awaited before theirs', { timeout: 60_000 }, async () => {
    for (let round = 0; round < 5; round++) {
      client.send(request('GET', '/hold?heed=false'))
      await expect.poll(() => test.waiting, { timeout: 10_000 }).toBe(1)
      // The answer to the first of them has to wait, and is too large for Node to take in more.
      client.send(posts[0]!)
      await wait(30)
      for (const post of posts.slice(1)) client.send(post)
      await wait(30)
      test.release()
      expect((await client.answer()).status).toBe(200)
      for (const answer of answers) expect((await client.answer('POST')).body).toBe(answer)
    }
    expect(logged).toEqual(Array.from({ length: 5 * (1 + posts.length) }, () => 200))
  })

  it('are answered in turn when nobody read an answer before theirs', { timeout: 60_000 }, async () => {
    const sizeBytes = 32_000_000
    client.socket.pause()
    client.send(request('GET', `/download?sizeBytes=${sizeBytes}&saidBytes=${sizeBytes}`))
    await wait(200)
    for (const post of posts) client.send(post)
    await wait(100)
    client.socket.resume()
    expect((await client.answer()).body).toHaveLength(sizeBytes)
    for (const answer of answers) expect((await client.answer('POST')).body).toBe(answer)
    expect(new Set(logged)).toEqual(new Set([200]))
  })

  it('are answered when the client has nothing more to send', { timeout: 60_000 }, async () => {
    client.send(request('GET', '/hold?heed=false') + posts[0]!)
    await expect.poll(() => test.waiting, { timeout: 10_000 }).toBe(1)
    await wait(30)
    for (const post of posts.slice(1, 4)) client.send(post)
    client.send(request('GET', '/hello', { connection: 'close' }))
    await wait(30)
    test.release()
    expect((await client.answer()).status).toBe(200)
    for (const answer of answers.slice(0, 4)) expect((await client.answer('POST')).body).toBe(answer)
    expect((await client.answer()).body).toBe('{"hello":"world"}')
    expect(await client.rest()).toBe('')
  })

  it('are left with the client when there are many', { timeout: 60_000 }, async () => {
    client.send(request('GET', '/hold?heed=false') + posts[0]!)
    await expect.poll(() => test.waiting, { timeout: 10_000 }).toBe(1)
    await wait(30)
    const rounds = 20
    for (let round = 0; round < rounds; round++) for (const post of posts) client.send(post)
    await wait(500)
    // More than the buffers of two kernels take.
    expect(client.socket.writableLength).toBeGreaterThan(1_000_000)
    test.release()
    expect((await client.answer()).status).toBe(200)
    expect((await client.answer('POST')).body).toBe(answers[0])
    for (let round = 0; round < rounds; round++)
      for (const answer of answers) expect((await client.answer('POST')).body === answer).toBe(true)
  })

  it('with a mistake among them are answered up to it', { timeout: 60_000 }, async () => {
    client.send(request('GET', '/hold?heed=false') + posts[0]!)
    await expect.poll(() => test.waiting, { timeout: 10_000 }).toBe(1)
    await wait(30)
    client.send(`${posts[1]!}${request('GET', '/hello')}this is not HTTP\r\n\r\n`)
    await wait(30)
    test.release()
    expect((await client.answer()).status).toBe(200)
    for (const answer of answers.slice(0, 2)) expect((await client.answer('POST')).body).toBe(answer)
    expect((await client.answer()).body).toBe('{"hello":"world"}')
    await client.rest()
    expect(client.closed).toBe(true)
  })
})
