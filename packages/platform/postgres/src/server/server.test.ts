import { once } from 'node:events'
import { readFile, rm, stat, writeFile } from 'node:fs/promises'
import { type AddressInfo, createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { withClient } from '../databases/databases.ts'
import { serverFolder } from '../fixtures/servers.ts'
import { openPostgres } from '../pool/open-postgres.ts'
import { acquireServer } from './acquire.ts'

const pidOf = async (folder: string) =>
  Number((await readFile(join(folder, 'data/postmaster.pid'), 'utf8')).split('\n')[0])
const keeperOf = async (folder: string) =>
  (JSON.parse(await readFile(join(folder, 'keeper.json'), 'utf8')) as { pid: number }).pid

async function until(what: string, holds: () => Promise<boolean>): Promise<void> {
  for (let waitedMs = 0; !(await holds().catch(() => false)); waitedMs += 50) {
    if (waitedMs > 60_000) throw new Error(`never ${what}`)
    await sleep(50)
  }
}

/** A server that says the same to everybody and stays. */
async function answering(text: string): Promise<AsyncDisposable & { readonly port: number }> {
  const server = createServer((socket) => socket.on('error', () => {}).once('data', () => socket.write(text)))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    port,
    [Symbol.asyncDispose]: async () => void server.close(),
  }
}

/** Whether a process is there; one that ended and nobody asked about is not. */
async function runs(pid: number): Promise<boolean> {
  const status = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined)
  return status !== undefined && !/\) Z /.test(status)
}

// What is looked at is in /proc and, for root, in the folder itself when others may enter it.
describe.skipIf(process.platform !== 'linux')('a server from npm', { timeout: 180_000 }, () => {
  it('is shared by all who ask at once, keeps its data, and ends with the last of them', async () => {
    await using folder = await serverFolder()
    const held = await Promise.all([1, 2, 3].map(() => acquireServer(folder.path, 'keep')))
    expect(new Set(held.map(({ url }) => url)).size).toBe(1)
    const { url } = held[0]!
    await withClient(url, (client) => client.query('create table kept (id int)'))
    const keeper = await keeperOf(folder.path)
    for (const each of held) each.release()
    await until('ended', async () => !(await runs(keeper)))
    // A keeper that was started at the same time may have waited for its turn: it starts no server that nobody asks for.
    await expect(withClient(url, (client) => client.query('select 1'))).rejects.toThrow(/ECONNREFUSED/)
    await until('let go', async () => !(await stat(join(folder.path, 'keeper.json')).catch(() => undefined)))
    await expect(withClient(url, (client) => client.query('select 1'))).rejects.toThrow(/ECONNREFUSED/)
    const again = await acquireServer(folder.path, 'keep')
    expect(again.url).toBe(url)
    await withClient(url, (client) => client.query('select from kept'))
    again.release()
    await until(
      'ended again',
      async () => !(await stat(join(folder.path, 'keeper.json')).catch(() => undefined)),
    )
  })

  it('that is killed under load comes back by itself, with clear errors and all that was committed', async () => {
    await using folder = await serverFolder()
    const held = await acquireServer(folder.path, 'keep')
    const pool = openPostgres({ url: held.url, store: 'links', maxConnections: 4 })
    await pool.query('create table links (id int primary key)')
    const committed: number[] = []
    const errors = new Set<string>()
    let next = 0
    let over = false
    const work = async () => {
      while (!over) {
        const id = next++
        try {
          await pool.query('insert into links values ($1)', [id])
          committed.push(id)
        } catch (error) {
          const { code, message } = error as { code: string; message: string }
          errors.add(`${code}: ${message}`)
          await sleep(5)
        }
      }
    }
    const workers = [work(), work(), work(), work()]
    await until('wrote', async () => committed.length > 200)
    process.kill(await server(folder.path), 'SIGKILL')
    await until('failed', async () => errors.size > 0)
    const before = committed.length
    await until('came back', async () => committed.length > before + 200)
    over = true
    await Promise.all(workers)
    expect([...errors]).toEqual(["unavailable: store 'links' cannot be reached now"])
    const { rows } = await pool.query('select id from links')
    const kept = new Set(rows.map(({ id }) => id))
    expect(committed.filter((id) => !kept.has(id))).toEqual([])
    await pool.end()
    held.release()
  })

  it('goes on for its users when its keeper is killed', async () => {
    await using folder = await serverFolder()
    const held = await acquireServer(folder.path, 'keep')
    const keeper = await keeperOf(folder.path)
    process.kill(keeper, 'SIGKILL')
    await until('kept again', async () => (await keeperOf(folder.path)) !== keeper)
    const second = await acquireServer(folder.path, 'keep')
    expect(second.url).toBe(held.url)
    await withClient(held.url, (client) => client.query('select 1'))
    held.release()
    second.release()
    await until('ended', async () => !(await stat(join(folder.path, 'keeper.json')).catch(() => undefined)))
  })

  it('takes over what a crash left: a stale file of a process, and half-made data', async () => {
    await using folder = await serverFolder()
    await writeFile(join(folder.path, 'keeper.json'), JSON.stringify({ pid: 1, port: 9, token: 'x' }))
    const first = await acquireServer(folder.path, 'keep')
    const [keeper, postgres] = [await keeperOf(folder.path), await server(folder.path)]
    first.release()
    process.kill(keeper, 'SIGKILL')
    process.kill(postgres, 'SIGKILL')
    await until('ended', async () => !(await runs(postgres)))
    const second = await acquireServer(folder.path, 'keep')
    await withClient(second.url, (client) => client.query('select 1'))
    second.release()
  })

  it('is found although somebody else has the port of a keeper that is gone', async () => {
    await using folder = await serverFolder()
    await using stranger = await answering('HTTP/1.1 400 Bad Request\r\n\r\n')
    const { port } = stranger
    await writeFile(join(folder.path, 'keeper.json'), JSON.stringify({ pid: process.pid, port, token: 'x' }))
    const held = await acquireServer(folder.path, 'keep')
    await withClient(held.url, (client) => client.query('select 1'))
    held.release()
  })

  it.runIf(process.getuid?.() === 0)(
    'whose folder and keeper are gone is ended by the next one',
    async () => {
      let orphan: number
      {
        await using folder = await serverFolder()
        const held = await acquireServer(folder.path, 'keep')
        orphan = await server(folder.path)
        held.release()
        process.kill(await keeperOf(folder.path), 'SIGKILL')
      }
      expect(await runs(orphan)).toBe(true)
      await using folder = await serverFolder()
      const held = await acquireServer(folder.path, 'keep')
      await until('ended', async () => !(await runs(orphan)))
      held.release()
      await until(
        'let go',
        async () => !(await stat(join(folder.path, 'keeper.json')).catch(() => undefined)),
      )
    },
  )

  it('for tests begins empty each time', async () => {
    await using folder = await serverFolder()
    const first = await acquireServer(folder.path, 'test')
    await withClient(first.url, (client) => client.query('create table gone (id int)'))
    process.kill(await keeperOf(folder.path), 'SIGTERM')
    first.release()
    await until('ended', async () => !(await stat(join(folder.path, 'keeper.json')).catch(() => undefined)))
    const second = await acquireServer(folder.path, 'test')
    await expect(withClient(second.url, (client) => client.query('select from gone'))).rejects.toThrow('gone')
    process.kill(await keeperOf(folder.path), 'SIGTERM')
    second.release()
  })

  it('says what is in the way', async () => {
    await using folder = await serverFolder()
    const settings = join(folder.path, 'settings.json')
    await writeFile(settings, 'not JSON')
    await expect(acquireServer(folder.path, 'keep')).rejects.toThrow(
      /settings\.json is damaged; remove .* to begin/,
    )
    await rm(settings)
    const held = await acquireServer(folder.path, 'keep')
    held.release()
    await until('ended', async () => !(await stat(join(folder.path, 'keeper.json')).catch(() => undefined)))
    await rm(settings)
    await expect(acquireServer(folder.path, 'keep')).rejects.toThrow(/settings\.json is not of the data in/)
  })
})

/** The postmaster, wherever its data are. */
async function server(folder: string): Promise<number> {
  return pidOf(folder).catch(async () => {
    const id = await readFile(join(folder, 'elsewhere'), 'utf8')
    return pidOf(join('/var/lib/atlas/data', id))
  })
}
