import type { ChildProcess } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdir, rename, rm, stat, writeFile } from 'node:fs/promises'
import { createServer, type Socket } from 'node:net'
import { DatabaseSync } from 'node:sqlite'
import { setTimeout as sleep } from 'node:timers/promises'
import { binaries } from './binaries.ts'
import { initialise, type Purpose, serverUrl, settingsIn, startServer } from './cluster.ts'
import { filesOf, layoutOf } from './layout.ts'
import { endOrphan } from './orphan.ts'
import { unprivileged } from './unprivileged.ts'

/**
 * The program that keeps one Postgres server: it starts it, starts it again when it dies, and ends it, and itself, when
 * nobody uses it any more. A user is an open connection to the keeper, which the system closes however a user ends.
 *
 * `node keeper.ts FOLDER keep|test LINGER_MS`
 */
const [folder = '', purpose = 'keep', linger = '5000'] = process.argv.slice(2)
const lingerMs = Number(linger)
const files = filesOf(folder)

/** The answer to whoever asks for the server. */
export type KeeperAnswer = { readonly url: string } | { readonly error: string }

await mkdir(folder, { recursive: true })
const lock = lockOrEnd()
const users = new Set<Socket>()
const token = randomBytes(16).toString('hex')
const owner = unprivileged()
let ending = false
let child: ChildProcess | undefined
let waiting = setTimeout(end, lingerMs + 10_000)

/**
 * Begun by the first who asks: of several keepers that were started at once, those that come late would otherwise start a server that
 * everybody has let go of already.
 */
let starting: Promise<string> | undefined
const control = createServer((socket) => {
  socket.setEncoding('utf8').on('error', () => {})
  socket.once('data', async (text: string) => {
    if (text !== token || ending) return socket.destroy()
    users.add(socket)
    clearTimeout(waiting)
    socket.on('close', () => {
      users.delete(socket)
      if (users.size === 0) waiting = setTimeout(end, lingerMs)
    })
    starting ??= start()
    const answer: KeeperAnswer = await starting.then(
      (url) => ({ url }),
      (error: unknown) => ({ error: error instanceof Error ? error.message : String(error) }),
    )
    socket.write(`${JSON.stringify(answer)}\n`)
    if ('error' in answer) end()
  })
  socket.on('data', () => {})
})
control.listen(0, '127.0.0.1')
await once(control, 'listening')
const { port } = control.address() as { port: number }
await writeFile(`${files.keeper}.new`, JSON.stringify({ port, token, pid: process.pid }), { mode: 0o600 })
await rename(`${files.keeper}.new`, files.keeper)
for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, end)
// A workspace that was deleted needs no server.
setInterval(() => stat(folder).catch(end), 5_000).unref()

/** Only one keeper at a time, whatever happened to the one before: the system lets go of the lock of who is killed. */
function lockOrEnd(): DatabaseSync {
  const database = new DatabaseSync(files.lock)
  try {
    // The one before may be ending its server.
    database.exec('pragma busy_timeout = 15000; begin exclusive')
    return database
  } catch {
    process.exit(0)
  }
}

async function start(): Promise<string> {
  const layout = await layoutOf(folder, owner)
  await endOrphan(layout.data)
  if (purpose === 'test') await rm(layout.data, { recursive: true, force: true })
  const programs = await binaries(owner)
  const settings = await settingsIn(layout)
  await initialise(layout, programs, settings, owner)
  const run = async () => {
    for (let attempt = 0; ; attempt++)
      try {
        return await startServer(layout, programs, settings, owner, purpose as Purpose)
      } catch (error) {
        if (ending || attempt > 50) throw error
        // After a crash, processes of the old server may need a moment to notice it and go.
        const again = /shared memory|postmaster.pid|still in use/.test(String(error))
        const portTaken = /could not create any TCP\/IP sockets|Address already in use/.test(String(error))
        if (portTaken && attempt > 3) settings.port = 0
        else if (!again && !portTaken) throw error
        await sleep(100)
      }
  }
  const watch = (running: ChildProcess) => {
    child = running
    running.once('exit', async () => {
      if (ending) return
      try {
        watch(await run())
      } catch {
        end()
      }
    })
  }
  watch(await run())
  return serverUrl(settings)
}

async function end(): Promise<void> {
  if (ending) return
  ending = true
  await rm(files.keeper, { force: true })
  control.close()
  for (const user of users) user.end()
  await starting?.catch(() => {})
  if (child && child.exitCode === null && child.signalCode === null) {
    const exited = once(child, 'exit')
    child.kill('SIGINT')
    await exited
  }
  if (purpose === 'test') {
    // Not the folder itself: the lock in it must stay one file.
    const { data } = await layoutOf(folder, owner)
    await rm(data, { recursive: true, force: true })
  }
  lock.close()
  process.exit(0)
}
