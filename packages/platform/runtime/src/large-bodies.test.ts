import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { setTimeout } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { request } from './fixtures/http-request.ts'
import { RawClient } from './fixtures/raw-client.ts'

const sizeBytes = 500 * 2 ** 20
const growthMiB = 150

describe.each([
  ['a servlet', []],
  ['a gateway and a servlet', ['gateway']],
])('500 MiB through %s', (_what, args) => {
  let server: ChildProcess
  let port: number
  beforeAll(async () => {
    server = fork(new URL('./fixtures/large-bodies.server.ts', import.meta.url), args)
    port = (await message<{ port: number }>()).port
    // Code and buffers that any transfer needs are not growth.
    expect(await upload(50 * 2 ** 20)).toBe(`{"sizeBytes":${50 * 2 ** 20}}`)
    expect(await download(50 * 2 ** 20, 0)).toBeGreaterThan(50 * 2 ** 20)
  })
  afterAll(() => {
    server.disconnect()
  })

  async function message<T>(): Promise<T> {
    const [received] = await once(server, 'message')
    return received as T
  }

  async function peakMiB(): Promise<number> {
    server.send('peak')
    return (await message<{ peakMiB: number }>()).peakMiB
  }

  async function upload(size: number): Promise<string> {
    const client = await RawClient.connect(port)
    client.send(
      request('PUT', '/upload', {
        'content-type': 'application/octet-stream',
        'content-length': String(size),
      }),
    )
    const chunk = new Uint8Array(2 ** 20)
    for (let sent = 0; sent < size; sent += chunk.byteLength)
      if (!client.socket.write(chunk)) await once(client.socket, 'drain')
    const { body } = await client.answer()
    client.close()
    return body
  }

  /** Reads a download, and waits after each MiB. */
  async function download(size: number, waitMs: number): Promise<number> {
    const socket: Socket = connect(port, '127.0.0.1')
    socket.write(request('GET', `/download?sizeBytes=${size}`, { connection: 'close' }))
    let received = 0
    let waitAt = 2 ** 20
    for await (const chunk of socket) {
      received += (chunk as Uint8Array).byteLength
      if (received < waitAt) continue
      waitAt += 2 ** 20
      if (waitMs > 0) await setTimeout(waitMs)
    }
    return received
  }

  it('goes up in constant memory, also when the handler is slower than the network', {
    timeout: 60_000,
  }, async () => {
    const before = await peakMiB()
    expect(await upload(sizeBytes)).toBe(`{"sizeBytes":${sizeBytes}}`)
    expect((await peakMiB()) - before).toBeLessThan(growthMiB)
  })

  it('comes down in constant memory, also when the client is slower than the handler', {
    timeout: 60_000,
  }, async () => {
    const before = await peakMiB()
    expect(await download(sizeBytes, 3)).toBeGreaterThan(sizeBytes)
    expect((await peakMiB()) - before).toBeLessThan(growthMiB)
  })
})
