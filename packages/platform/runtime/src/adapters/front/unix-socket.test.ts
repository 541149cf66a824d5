import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { createClient } from '@atlas/client'
import { http2Transport } from '@atlas/client/http2'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Probe, probe, probeServlet } from '../../fixtures/probe.ts'
import { serveOne } from '../../fixtures/way.ts'
import { serve } from '../../serve.ts'

let folder: string
let path: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'atlas-socket-'))
  path = join(folder, 'probe.sock')
})
afterEach(() => rmSync(folder, { recursive: true }))

describe('a server on a Unix socket', () => {
  it('answers HTTP/1.1 and HTTP/2, streams, and drains', async () => {
    const test = new Probe()
    const server = await serveOne(probeServlet(test), { path, listener: 'internal' })
    expect([server.url, server.port]).toEqual([`unix:${path}`, 0])
    for (const flag of ['--http1.1', '--http2-prior-knowledge']) {
      const args = ['-sS', '--max-time', '10', flag, '--unix-socket', path, 'http://probe/hello']
      expect((await promisify(execFile)('curl', args)).stdout).toBe('{"hello":"world"}')
    }
    const transport = http2Transport({ baseUrl: 'http://probe', socketPath: path })
    const client = createClient(probe, transport)
    expect(await client.json({ text: 'x' })).toEqual({ text: 'x' })
    const items: unknown[] = []
    for await (const item of client.items({ count: 3 })) items.push(item)
    expect(items).toHaveLength(3)
    expect(await client.upload({ body: new Uint8Array(100_000) })).toEqual({ sizeBytes: 100_000 })
    const held = client.hold({})
    await expect.poll(() => test.waiting).toBe(1)
    const closed = server.close()
    test.release()
    expect(await held).toEqual({})
    await closed
    await expect(client.hello()).rejects.toMatchObject({ code: 'unavailable' })
    await transport.close()
  })

  it('takes the place of one that was killed', async () => {
    const code = `require('node:net').createServer().listen(${JSON.stringify(path)}, () => console.log('up'))`
    const killed = spawn(process.execPath, ['-e', code], { stdio: ['ignore', 'pipe', 'inherit'] })
    await once(killed.stdout, 'data')
    await expect(serve({ instances: () => [], path })).rejects.toThrow(`${path} is in use by another process`)
    killed.kill('SIGKILL')
    await once(killed, 'exit')
    const server = await serve({ instances: () => [], path })
    await server.close()
  })

  it('says what is wrong with a path', async () => {
    writeFileSync(path, 'mine')
    await expect(serve({ instances: () => [], path })).rejects.toThrow(/or is a file; stop it, or choose/)
    const missing = join(folder, 'no/such.sock')
    await expect(serve({ instances: () => [], path: missing })).rejects.toThrow(/folder that is not there/)
    const long = join(folder, 'x'.repeat(120))
    await expect(serve({ instances: () => [], path: long })).rejects.toMatchObject({
      code: 'failed_precondition',
      message: expect.stringContaining('at most 107; choose a folder higher up'),
    })
  })
})
