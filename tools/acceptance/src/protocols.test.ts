import { execFile, spawnSync } from 'node:child_process'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { root } from './newcomer.ts'
import { type Running, start } from './terminal.ts'

const minuteMs = 60_000

const grpcurl = 'github.com/fullstorydev/grpcurl/cmd/grpcurl@v1.9.4'
const built = spawnSync(process.execPath, [join(root, 'tools/test/src/go-tool.ts'), grpcurl], {
  encoding: 'utf8',
})
const curl = spawnSync('curl', ['--version'], { encoding: 'utf8' })

/** What is left out on a machine without it, and says so; in CI that would be a gap nobody sees. */
function missing(reason: string | undefined): boolean {
  if (reason === undefined || process.env.CI) return false
  console.warn(`left out: ${reason}`)
  return true
}

const noCurl = curl.error ? 'there is no curl; install it' : undefined
const noHttp2 =
  noCurl ?? (/\bHTTP2\b/.test(curl.stdout) ? undefined : 'this curl has no HTTP/2; install one with nghttp2')
const noGrpcurl = built.status === 0 ? undefined : built.stderr.trim()

/** Data of its own, so that a platform that somebody runs here is not in the way. */
const namespace = `protocols-${process.pid}`

let server: Running
let address: string
beforeAll(async () => {
  server = start(`npm start -- --port 0 --namespace ${namespace} --no-watch`, { cwd: root, env: process.env })
  address = (await server.says(/Atlas is up at http:\/\/([\d.]+:\d+)/, 4 * minuteMs))[1]!
}, 5 * minuteMs)
afterAll(async () => {
  expect(await server.stop()).toBe('interrupted')
  await rm(join(root, `.atlas/local@${namespace}`), { recursive: true, force: true })
}, minuteMs)

const hello = { message: 'Hello ada' }

async function asked(command: string, ...args: string[]): Promise<unknown> {
  const { stdout } = await promisify(execFile)(command, args, { timeout: minuteMs })
  return JSON.parse(stdout)
}

it.skipIf(missing(noCurl))('npm start answers curl', async () => {
  expect(noCurl).toBe(undefined)
  expect(await asked('curl', '-sS', `http://${address}/greet/ada`)).toEqual(hello)
})

it.skipIf(missing(noHttp2))('npm start answers curl --http2-prior-knowledge', async () => {
  expect(noHttp2).toBe(undefined)
  expect(await asked('curl', '-sS', '--http2-prior-knowledge', `http://${address}/greet/ada`)).toEqual(hello)
})

it.skipIf(missing(noGrpcurl))('npm start answers grpcurl, which knows no .proto file', async () => {
  expect(noGrpcurl).toBe(undefined)
  const args = ['-plaintext', '-d', '{"name":"ada"}', address, 'greeter.Greeter/Greet']
  expect(await asked(built.stdout.trim(), ...args)).toEqual(hello)
})

it('npm start has metrics', async () => {
  const text = await (await fetch(`http://${address}/-/metrics`)).text()
  expect(text).toContain('atlas_server_requests_total{servlet="greeter",endpoint="greet"')
})
