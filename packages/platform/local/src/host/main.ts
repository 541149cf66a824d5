import { flushCompileCache } from 'node:module'
import { tokensHeld } from '../identity/tokens-held.ts'
import { type Hosted, host } from './host.ts'
import type { FromHost, ToHost } from './messages.ts'

/**
 * A process that runs servlets for a supervisor. It starts blank, with everything loaded that servlets share, so that its
 * first servlet is there in milliseconds. It ends with its supervisor, however that ends: the channel breaks.
 */
let hosted: Promise<Hosted> | undefined

/**
 * When code that was compiled is kept for other processes: after the first answers, so that what they took is kept too. Node would
 * keep it at the end only; until then each process would compile everything again, and be a third larger.
 */
const keepCodeMs = 2000

const tell = (message: FromHost) => {
  if (process.connected) process.send!(message)
}

const questions = new Map<number, (token: string | undefined) => void>()
let asked = 0
const tokenOf = tokensHeld(
  (caller, callee) =>
    new Promise((resolve) => {
      const question = asked++
      questions.set(question, resolve)
      tell({ kind: 'token', question, caller, callee })
    }),
)

process.on('disconnect', () => process.exit(0))
// A terminal sends Ctrl-C to every process of its group, a service manager SIGTERM; when to end is the supervisor's to say.
process.on('SIGINT', () => {}).on('SIGTERM', () => {})
process.on('message', (message: ToHost) => {
  if (message.kind === 'close') void close(message.graceMs)
  else if (message.kind === 'calls') void tellCalls(message.question)
  else if (message.kind === 'token') {
    questions.get(message.question)?.(message.token)
    questions.delete(message.question)
  } else {
    hosted = host(message.job, tokenOf)
    hosted.then(
      ({ outlines, files, broken }) => {
        tell({ kind: 'ready', outlines, files: files(), broken })
        setTimeout(flushCompileCache, keepCodeMs).unref()
      },
      (failure: { reason: string; files: string[] }) => tell({ kind: 'failed', ...failure }),
    )
  }
})
tell({ kind: 'blank' })

async function tellCalls(question?: number): Promise<void> {
  const ready = await hosted?.catch(() => undefined)
  const message: FromHost = {
    kind: 'calls',
    counts: ready?.calls() ?? [],
    ...(question !== undefined && { question }),
  }
  // What is not sent when the process ends is lost.
  if (process.connected)
    await new Promise<void>((done) => process.send!(message, undefined, undefined, () => done()))
}

async function close(graceMs: number): Promise<void> {
  try {
    await (await hosted)?.close(graceMs)
    await tellCalls()
  } finally {
    process.exit(0)
  }
}
