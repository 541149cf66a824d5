import { createServer } from 'node:http'
import { expect, it } from 'vitest'
import { emptyFolder, newCompany } from './company.ts'
import { start } from './platform.ts'

const greeter = {
  name: 'greeter',
  state: 'running',
  pid: 17,
  requests: 12,
  errors: 0,
  p50Ms: 1.26,
  p99Ms: 20,
  cpuPercent: 3.2,
  memoryMiB: 61.4,
}
const idle = { ...greeter, name: 'idle', state: 'asleep', pid: null, requests: 0, p50Ms: null, p99Ms: null }
const broken = { ...idle, name: 'broken', state: 'broken', reason: 'cannot be loaded: no luck' }

/** Something that answers at `/-/servlets`. */
async function answering(document: string) {
  const server = createServer((request, response) => {
    response.statusCode = request.url === '/-/servlets' ? 200 : 404
    response.end(document)
  }).listen(0, '127.0.0.1')
  await new Promise((ready) => server.once('listening', ready))
  const { port } = server.address() as { port: number }
  return {
    port: String(port),
    [Symbol.asyncDispose]: () => new Promise<void>((closed) => server.close(() => closed())),
  }
}

it('prints what the platform says, as a document and as a table', async () => {
  await using folder = await emptyFolder()
  await using platform = await answering(JSON.stringify({ servlets: [broken, greeter, idle] }))
  const json = await folder.atlas('top', '--once', '--json', '--port', platform.port)
  expect(json).toMatchObject({ code: 0, stderr: '' })
  expect(JSON.parse(json.stdout)).toEqual({ servlets: [broken, greeter, idle] })
  const table = await folder.atlas('top', '--port', platform.port, '--sort', 'requests')
  expect(table).toEqual({
    code: 0,
    stderr: '',
    stdout: `SERVLET  STATE    PID  REQUESTS  ERRORS  P50 MS  P99 MS  CPU %  MIB
greeter  running   17        12       0     1.3    20.0    3.2   61
broken   broken     -         0       0       -       -    3.2   61
idle     asleep     -         0       0       -       -    3.2   61

broken: cannot be loaded: no luck
`,
  })
})

it('says what is wrong where that is no platform, or nothing, or no such column', async () => {
  await using folder = await emptyFolder()
  await using other = await answering('<html>')
  const page = await folder.atlas('top', '--port', other.port, '--json')
  expect(page.code).toBe(3)
  expect(JSON.parse(page.stdout).error.message).toContain('is no Atlas platform')
  expect(await folder.atlas('top', '--sort', 'cpus', '--port', other.port)).toMatchObject({
    code: 2,
    stderr: `error: there is no column 'cpus'; did you mean 'cpu'?\n`,
  })
  expect(await folder.atlas('top', '--interval', '0', '--port', other.port)).toMatchObject({ code: 2 })
  const { port } = other
  await other[Symbol.asyncDispose]().catch(() => {})
  const away = await folder.atlas('top', '--once', '--port', port)
  expect(away.code).toBe(3)
  expect(away.stderr).toContain('start the platform with npm start')
})

it('shows what a running platform does, found without its port, and its log', async () => {
  await using company = await newCompany()
  await company.atlas('interface')
  await using platform = await start(company)
  await fetch(`${platform.url}/greeter/ada`)
  await fetch(`${platform.url}/greeter/`)
  const called = await company.atlas('call', 'greeter.greet', '{"name": "eve"}')
  expect(called).toMatchObject({ code: 0, stderr: '' })
  const { code, stdout } = await company.atlas('top', '--once', '--json')
  expect(code).toBe(0)
  expect(JSON.parse(stdout)).toEqual({
    servlets: [
      {
        name: 'greeter',
        state: 'running',
        pid: expect.any(Number),
        requests: 2,
        errors: 0,
        p50Ms: expect.any(Number),
        p99Ms: expect.any(Number),
        cpuPercent: expect.any(Number),
        memoryMiB: expect.any(Number),
      },
    ],
  })
  let lines = ''
  for (let tries = 0; !lines.includes('eve') && tries < 50; tries++)
    lines = (await company.atlas('logs', 'greeter')).stdout
  expect(lines).toMatch(/^\S+ greeter GET \/greeter\/ada 200 [\d.]+ ms\n[\s\S]*GET \/greeter\/eve 200/)
})
