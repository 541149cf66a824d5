import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, readFile } from 'node:fs/promises'
import { connect, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { isRunning } from '../is-running.ts'
import type { Purpose } from './cluster.ts'
import type { KeeperAnswer } from './keeper.ts'
import { filesOf } from './layout.ts'

/** A server that runs for as long as somebody holds it. */
export interface HeldServer {
  /** Of its own database, with the password. */
  readonly url: string
  /** Lets go of it. The server ends when nobody holds it any more. */
  release(): void
}

/** How long a server of each purpose waits for the next user: tests come package by package. */
const lingerMs = { keep: 2_000, test: 20_000 } as const

const startTimeoutMs = 60_000

/**
 * The Postgres server whose files are in a folder; started if it does not run, shared by all processes that ask.
 *
 * @throws Error that says why there is none, and what to do
 */
export async function acquireServer(folder: string, purpose: Purpose): Promise<HeldServer> {
  await mkdir(folder, { recursive: true })
  let held = true
  let { url, socket } = await lease(folder, purpose)
  const watch = () => {
    socket.once('close', async () => {
      // The keeper was killed. Another one starts the server again, under the same URL.
      while (held)
        try {
          await sleep(500, undefined, { ref: false })
          if (!held) return
          const again = await lease(folder, purpose)
          if (!held) return again.socket.destroy()
          ;({ url, socket } = again)
          return watch()
        } catch {
          // Tried again: whoever uses the server sees that it is away.
        }
    })
  }
  watch()
  return {
    url,
    release() {
      held = false
      socket.destroy()
    },
  }
}

async function lease(folder: string, purpose: Purpose): Promise<{ url: string; socket: Socket }> {
  let spawned: ReturnType<typeof spawn> | undefined
  for (const began = Date.now(); Date.now() - began < startTimeoutMs; ) {
    const socket = await reachKeeper(folder)
    const answer = socket && (await answerOf(socket, startTimeoutMs - (Date.now() - began)))
    if (answer && 'url' in answer) {
      socket.unref()
      return { url: answer.url, socket }
    }
    socket?.destroy()
    if (answer) throw new Error(answer.error)
    // There is none, it was just ending, or somebody else has the port of one that is gone. One too many only waits for its turn.
    if (!spawned || spawned.exitCode !== null || spawned.signalCode !== null)
      spawned = startKeeper(folder, purpose)
    await sleep(25)
  }
  throw new Error(`Postgres does not start within ${startTimeoutMs / 1000} s; see ${filesOf(folder).log}`)
}

/** A connection to the keeper that says who we are; undefined where there is no keeper. */
async function reachKeeper(folder: string): Promise<Socket | undefined> {
  const text = await readFile(filesOf(folder).keeper, 'utf8').catch(() => undefined)
  if (text === undefined) return undefined
  const { pid, port, token } = JSON.parse(text) as { pid: number; port: number; token: string }
  if (!isRunning(pid)) return undefined
  const socket = connect({ host: '127.0.0.1', port })
  try {
    await once(socket, 'connect')
  } catch {
    return undefined
  }
  socket.on('error', () => {})
  socket.write(token)
  return socket
}

/** What the keeper says once it knows; undefined when it goes away before, takes too long, or is no keeper. */
function answerOf(socket: Socket, timeoutMs: number): Promise<KeeperAnswer | undefined> {
  return new Promise((resolve) => {
    let said = ''
    const over = () => resolve(undefined)
    const timer = setTimeout(over, timeoutMs)
    socket.once('close', () => {
      clearTimeout(timer)
      over()
    })
    socket.setEncoding('utf8').on('data', (text: string) => {
      said += text
      if (!said.endsWith('\n')) return
      clearTimeout(timer)
      resolve(keeperAnswer(said))
    })
  })
}

/** What was said, if a keeper says such things. */
function keeperAnswer(said: string): KeeperAnswer | undefined {
  try {
    const answer = JSON.parse(said) as Partial<Record<'url' | 'error', unknown>> | null
    return typeof answer?.url === 'string' || typeof answer?.error === 'string'
      ? (answer as KeeperAnswer)
      : undefined
  } catch {
    return undefined
  }
}

/** Starts a keeper that outlives us, if others come to use it. */
function startKeeper(folder: string, purpose: Purpose): ReturnType<typeof spawn> {
  // Packed, this file and the keeper are JavaScript.
  const program = fileURLToPath(
    new URL(`./keeper${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`, import.meta.url),
  )
  const args = ['--disable-warning=ExperimentalWarning', program, folder, purpose, String(lingerMs[purpose])]
  const child = spawn(process.execPath, args, {
    cwd: folder,
    detached: true,
    stdio: 'ignore',
    env: { PATH: process.env.PATH },
  })
  child.on('error', () => {})
  child.unref()
  return child
}
