import { type ChildProcess, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { chown, mkdir, open, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { withClient } from '../databases/databases.ts'
import type { Binaries } from './binaries.ts'
import type { Layout } from './layout.ts'
import type { Unprivileged } from './unprivileged.ts'

/** What a server is for: `keep` keeps its data as Postgres does, `test` begins empty and is fast in their place. */
export type Purpose = 'keep' | 'test'

/** Port and password of a server, the same from start to start, so that whoever has its URL finds it again. */
export interface Settings {
  port: number
  readonly password: string
}

const user = 'atlas'

const wrongPassword = '28P01'

/** How many connections a server of ours takes. */
export const serverConnections = 200

/** A server on this machine needs neither replication nor much memory. */
const always = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  max_connections: String(serverConnections),
  shared_buffers: '64MB',
  wal_level: 'minimal',
  max_wal_senders: '0',
  io_method: 'sync',
  jit: 'off',
  log_timezone: 'UTC',
  timezone: 'UTC',
}

const forTests = { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off', autovacuum: 'off' }

/** The URL of a server's own database. */
export function serverUrl({ port, password }: Settings): string {
  return `postgres://${user}:${password}@127.0.0.1:${port}/postgres`
}

/** Reads the settings of a server, or makes them. */
export async function settingsIn({ settings }: Layout): Promise<Settings> {
  const text = await readFile(settings, 'utf8').catch(() => undefined)
  if (text === undefined) return { port: 0, password: randomBytes(16).toString('hex') }
  try {
    return JSON.parse(text) as Settings
  } catch {
    throw new Error(`${settings} is damaged; ${beginAnew(settings)}`)
  }
}

/** What to do about files of a server that do not fit together. */
function beginAnew(file: string): string {
  return `remove ${dirname(file)} to begin with empty databases`
}

/** Makes the data of a server where there are none: elsewhere first, so that half of them never count. */
export async function initialise(
  { data }: Layout,
  { initdb }: Binaries,
  { password }: Settings,
  owner: Unprivileged | undefined,
): Promise<void> {
  if (await stat(join(data, 'PG_VERSION')).catch(() => undefined)) return
  const making = join(dirname(data), 'making')
  await rm(making, { recursive: true, force: true })
  await rm(data, { recursive: true, force: true })
  await mkdir(making, { recursive: true, mode: 0o700 })
  const passwordFile = join(making, 'password')
  await writeFile(passwordFile, password, { mode: 0o600 })
  const made = join(making, 'data')
  await mkdir(made, { mode: 0o700 })
  if (owner) for (const path of [making, passwordFile, made]) await chown(path, owner.uid, owner.gid)
  // The password is random, so stretching it would only make connections slow.
  const args = [
    '-D',
    made,
    '-U',
    user,
    '-A',
    'scram-sha-256',
    '--pwfile',
    passwordFile,
    '-E',
    'UTF8',
    '--no-sync',
  ]
  args.push('--locale-provider=builtin', '--builtin-locale=C.UTF-8', '--locale=C', '-c', 'scram_iterations=1')
  const child = spawn(initdb, args, { ...as(owner), stdio: ['ignore', 'ignore', 'pipe'], cwd: made })
  let said = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said += text
  })
  const [code] = (await once(child, 'close')) as [number | null]
  if (code !== 0)
    throw new Error(`Postgres cannot make its data in ${data}: ${said.trim() || `exit code ${code}`}`)
  await rename(made, data)
  await rm(making, { recursive: true, force: true })
}

/** Starts the server and waits until it answers. @throws Error with what it said last when it ends before */
export async function startServer(
  layout: Layout,
  { postgres }: Binaries,
  settings: Settings,
  owner: Unprivileged | undefined,
  purpose: Purpose,
): Promise<ChildProcess> {
  if (settings.port === 0) settings.port = await freePort()
  await writeFile(`${layout.settings}.new`, JSON.stringify(settings), { mode: 0o600 })
  await rename(`${layout.settings}.new`, layout.settings)
  const options = Object.entries({ ...always, ...(purpose === 'test' && forTests) })
  const args = [
    '-D',
    layout.data,
    '-p',
    String(settings.port),
    ...options.flatMap(([k, v]) => ['-c', `${k}=${v}`]),
  ]
  const log = await open(layout.log, 'w', 0o600)
  const child = spawn(postgres, args, { ...as(owner), cwd: layout.data, stdio: ['ignore', log.fd, log.fd] })
  let failed: Error | undefined
  child.once('error', (error) => {
    failed = error
  })
  await log.close()
  let refused = 0
  for (;;) {
    if (failed) throw failed
    if (child.exitCode !== null || child.signalCode !== null)
      throw new Error(`Postgres does not start: ${lastWords(await readFile(layout.log, 'utf8'))}`)
    try {
      await withClient(serverUrl(settings), (client) => client.query('select 1'))
      return child
    } catch (error) {
      // Somebody else's server has the port, and ours is about to end over it; or else ours has another password.
      if ((error as { code?: string }).code === wrongPassword && ++refused > 40) {
        child.kill('SIGINT')
        throw new Error(
          `${layout.settings} is not of the data in ${layout.data}; ${beginAnew(layout.settings)}`,
        )
      }
      await sleep(25)
    }
  }
}

/** What Postgres said when it gave up, for a sentence. */
function lastWords(log: string): string {
  const fatal = log.split('\n').findLast((line) => /\b(FATAL|PANIC|error while loading)\b/.test(line))
  return (
    (fatal ?? log.trim().split('\n').at(-1) ?? '').replace(/^.*?\b(FATAL|PANIC):\s*/, '') || 'it says nothing'
  )
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  server.close()
  await once(server, 'close')
  return port
}

function as(owner: Unprivileged | undefined): { uid?: number; gid?: number; env: NodeJS.ProcessEnv } {
  // Settings of the user's own Postgres (PGDATA, PGPORT) are not for this one.
  const env = { PATH: process.env.PATH, LC_ALL: 'C', TZ: 'UTC' }
  return owner ? { uid: owner.uid, gid: owner.gid, env } : { env }
}
