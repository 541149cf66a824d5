import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { Probe, probeServlet } from '../../fixtures/probe.ts'
import { serveOne } from '../../fixtures/way.ts'

let folder: string
let client: ChildProcess | undefined
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'atlas-accept-'))
})
afterEach(() => {
  client?.kill('SIGKILL')
  rmSync(folder, { recursive: true })
})

const connections = 512

/**
 * Connects so many times at once, says by a file that the kernel completed them all, asks over each, and counts the right answers.
 */
const program = (port: number, connected: string) => `
  import { writeFileSync } from 'node:fs'
  import { connect } from 'node:net'
  const request = 'GET /hold HTTP/1.1\\r\\nhost: probe\\r\\nconnection: close\\r\\n\\r\\n'
  let there = 0
  const all = Array.from({ length: ${connections} }, () => new Promise((resolve) => {
    let answer = ''
    const socket = connect(${port}, '127.0.0.1', () => {
      socket.write(request)
      if (++there === ${connections}) writeFileSync(${JSON.stringify(connected)}, '')
    })
    socket.on('data', (chunk) => { answer += chunk })
    socket.on('error', () => {})
    socket.on('close', () => resolve(answer.includes('200 OK') && answer.endsWith('{}')))
  }))
  console.log((await Promise.all(all)).filter(Boolean).length)`

it.runIf(process.platform === 'linux')(
  'accepts and answers connections that all come in one turn of the event loop, within few more',
  async () => {
    const probe = new Probe()
    const server = await serveOne(probeServlet(probe), { overload: false, telemetry: false })
    try {
      const connected = join(folder, 'connected')
      client = spawn(process.execPath, ['--input-type=module', '-e', program(server.port, connected)], {
        stdio: ['ignore', 'pipe', 'inherit'],
      })
      let said = ''
      client.stdout!.setEncoding('utf8').on('data', (text: string) => {
        said += text
      })
      const over = once(client, 'close')
      // As a handler that computes: nothing is accepted until it is through.
      const until = Date.now() + 60_000
      while (!existsSync(connected) && Date.now() < until) sleepMs(10)
      expect(existsSync(connected)).toBe(true)
      let turns = 0
      while (probe.waiting < connections && turns < connections) {
        await setImmediate()
        turns += 1
      }
      expect(probe.waiting).toBe(connections)
      // One server would accept one connection in each.
      expect(turns).toBeLessThan(connections / 4)
      probe.release()
      await over
      expect(said.trim()).toBe(String(connections))
    } finally {
      await server.close({ graceMs: 0 })
    }
  },
  120_000,
)

function sleepMs(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms)
}
