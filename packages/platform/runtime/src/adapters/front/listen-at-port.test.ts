import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { type AddressInfo, createServer, type Server } from 'node:net'
import { createInterface } from 'node:readline'
import { afterEach, describe, expect, it } from 'vitest'
import { bind } from './bind.ts'
import { listenAtPort } from './listen-at-port.ts'

const host = '127.0.0.1'
const open: Server[] = []
const children: ChildProcess[] = []
afterEach(async () => {
  for (const child of children.splice(0)) child.kill('SIGKILL')
  await Promise.all(open.splice(0).map((server) => new Promise((resolve) => server.close(resolve))))
})

function make(): Server {
  return createServer((socket) => socket.destroy())
}

async function listenAt(port: number): Promise<number> {
  const servers = await listenAtPort(make, { host, port })
  open.push(...servers)
  return (servers[0]!.address() as AddressInfo).port
}

/** A port that nobody listens at. */
async function freePort(): Promise<number> {
  const server = await bind(make(), { host, port: 0 })
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}

/** Runs a program, and resolves to what it says first. */
async function say(program: string): Promise<string> {
  const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  children.push(child)
  const [line] = await once(createInterface(child.stdout), 'line')
  return line as string
}

const inUse = { code: 'EADDRINUSE' }

describe.runIf(process.platform === 'linux')('a port with several servers', () => {
  it('has all of them at one port, chosen or given', async () => {
    for (const port of [0, await freePort()]) {
      const servers = await listenAtPort(make, { host, port })
      open.push(...servers)
      expect(servers.length).toBeGreaterThan(1)
      const ports = new Set(servers.map((server) => (server.address() as AddressInfo).port))
      expect(ports.size).toBe(1)
      if (port !== 0) expect([...ports]).toEqual([port])
    }
  })

  it('is not shared with one that is there already, also when that would share it', async () => {
    const shared = await bind(make(), { host, port: 0, reusePort: true })
    open.push(shared)
    await expect(listenAt((shared.address() as AddressInfo).port)).rejects.toMatchObject(inUse)
    const ours = await listenAt(0)
    await expect(listenAt(ours)).rejects.toMatchObject(inUse)
    await expect(bind(make(), { host, port: ours })).rejects.toMatchObject(inUse)
  })

  it('is had by one of those who begin at the same time', async () => {
    const port = await freePort()
    const tried = await Promise.allSettled(Array.from({ length: 8 }, () => listenAt(port)))
    expect(tried.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
  })

  it('is had by one process of those that begin at the same time', async () => {
    const port = await freePort()
    const module = JSON.stringify(new URL('listen-at-port.ts', import.meta.url).href)
    const program = `
      import { createServer } from 'node:net'
      import { listenAtPort } from ${module}
      const tried = listenAtPort(() => createServer(), { host: '${host}', port: ${port} })
      console.log(await tried.then(() => 'listens', ({ code }) => code))
      process.stdin.resume()`
    const said = await Promise.all(Array.from({ length: 4 }, () => say(program)))
    expect(said.toSorted()).toEqual(['EADDRINUSE', 'EADDRINUSE', 'EADDRINUSE', 'listens'])
  }, 60_000)

  it('has one server while another process does not end its turn, and all when that was killed', async () => {
    const port = await freePort()
    const holder = `
      import { createServer } from 'node:net'
      createServer().listen('\\0atlas-listen-${port}', () => console.log('has it'))
      process.stdin.resume()`
    expect(await say(holder)).toBe('has it')
    const alone = await listenAtPort(make, { host, port })
    expect(alone).toHaveLength(1)
    await new Promise((resolve) => alone[0]!.close(resolve))
    children[0]!.kill('SIGKILL')
    await once(children[0]!, 'exit')
    const servers = await listenAtPort(make, { host, port })
    open.push(...servers)
    expect(servers.length).toBeGreaterThan(1)
  }, 60_000)
})
