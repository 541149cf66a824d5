import { invalidOrder, largeOrder, order } from '../cases.ts'
import { watched } from './capacity.ts'
import { checkLoad, type LoadTools, type Subject, targetOf, verify } from './subject.ts'

/** What is not the usual request. */
export const unhappyKinds = ['invalid order', '64 KiB order', 'connection for each request'] as const

export type UnhappyKind = (typeof unhappyKinds)[number]

/** How many such requests a server answers. */
export interface Unhappy {
  readonly requestsPerSecond: number
  readonly cpuUsPerRequest: number
}

/** Loads a server over HTTP/1.1 with requests of a kind. @throws Error when an answer is not what this kind has to get */
export async function unhappy(
  subject: Subject,
  kind: UnhappyKind,
  { wrk }: LoadTools,
  { seconds, scratch }: { seconds: number; scratch: string },
): Promise<Unhappy> {
  const sent = kind === 'invalid order' ? invalidOrder : kind === '64 KiB order' ? largeOrder : order
  let target = await targetOf(subject, sent, scratch)
  if (kind === 'connection for each request')
    target = { ...target, headers: { ...target.headers, connection: 'close' } }
  const { load, cpuSeconds } = await watched(subject, () => wrk.run(target, seconds))
  const { requests, notSuccessful, failed } = load
  if (kind === '64 KiB order') checkLoad(subject, load, await verify(subject, largeOrder))
  else {
    const refused = kind === 'invalid order' ? requests : 0
    if (requests === 0 || notSuccessful !== refused || failed > 0)
      throw new Error(
        `${subject.case.name}, ${kind}: ${requests} answers, ${notSuccessful} not 2xx, ${failed} requests without one`,
      )
  }
  return {
    requestsPerSecond: Math.round(requests / load.seconds),
    cpuUsPerRequest: Number(((1e6 * cpuSeconds) / requests).toPrecision(4)),
  }
}
