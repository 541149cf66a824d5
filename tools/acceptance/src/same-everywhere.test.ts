import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { root } from './newcomer.ts'
import { collector, type Span } from './same-everywhere/collector.ts'
import { type Conversation, converse } from './same-everywhere/conversation.ts'
import { treesOf } from './same-everywhere/trace-trees.ts'
import { start } from './terminal.ts'

const minuteMs = 60_000

interface Seen extends Conversation {
  readonly spans: readonly Span[]
}

/** Asks the product everything, placed in one way, and takes the spans that all of its processes send. */
async function placed(placement: string): Promise<Seen> {
  const namespace = `same-${placement}-${process.pid}`
  await using spans = await collector()
  try {
    const server = start(
      `npm start -- --port 0 --placement ${placement} --namespace ${namespace} --no-watch`,
      {
        cwd: root,
        env: { ...process.env, ...spans.variables },
      },
    )
    try {
      const [, url] = await server.says(/Atlas is up at (http:\/\/[\d.]+:\d+)/, 4 * minuteMs)
      const conversation = await converse(url!)
      // What ends sends the rest of its spans.
      expect(await server.stop()).toBe('interrupted')
      return { ...conversation, spans: [...spans.spans()] }
    } finally {
      await server.kill()
    }
  } finally {
    await rm(join(root, `.atlas/local.${namespace}`), { recursive: true, force: true })
  }
}

// However servlets share processes, who asks and who looks at traces sees the same.
describe('the same questions, placed in three ways', () => {
  const seen: Record<string, Seen> = {}
  beforeAll(async () => {
    for (const placement of ['merged', 'isolated', 'groups']) seen[placement] = await placed(placement)
  }, 15 * minuteMs)

  it('are worth asking', () => {
    const { heard, spans } = seen.merged!
    expect(new Set(heard.map(({ status }) => status))).toEqual(new Set([200, 400, 401, 403, 404, 405, 409]))
    const deepest = spans.find(({ name }) => name === 'files.contentOf')
    expect(deepest).toBeDefined()
  })

  it.each(['isolated', 'groups'])('%s, are answered as merged', (placement) => {
    const answers = ({ heard }: Seen) =>
      heard.map(({ name, status, headers, body }) => ({ name, status, headers, body }))
    expect(answers(seen[placement]!)).toEqual(answers(seen.merged!))
  })

  it.each(['isolated', 'groups'])('%s, leave the same traces as merged', (placement) => {
    expect(tracesOf(seen[placement]!)).toEqual(tracesOf(seen.merged!))
  })
})

/** The tree of each question, and those that the platform began, each kind of them once: who somebody is may be asked again. */
function tracesOf({ heard, spans, plain }: Seen) {
  const asked = new Set(heard.map(({ traceId }) => traceId))
  const inTrace = (traceId: string) =>
    treesOf(
      spans.filter((span) => span.traceId === traceId),
      asked.has(traceId),
      plain,
    )
  const own = new Set(spans.map(({ traceId }) => traceId).filter((traceId) => !asked.has(traceId)))
  return {
    questions: heard.map(({ name, traceId }) => ({ name, trees: inTrace(traceId) })),
    own: [...new Set([...own].map((traceId) => JSON.stringify(inTrace(traceId))))].sort(),
  }
}
