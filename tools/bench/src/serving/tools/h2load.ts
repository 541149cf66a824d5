import { findCommand, runPinned } from './command.ts'
import type { Load, Target } from './load.ts'

const [connections, streams] = [4, 16]

/** What is printed in the page. */
export const h2loadFlags = `h2load -t1 -c${connections} -m${streams}`

/** h2load asks over HTTP/2 in cleartext, many requests at once over few connections. */
export interface H2load {
  /** @param atOnce streams of all connections together. @default 64 */
  run(target: Target, seconds: number, atOnce?: number): Promise<Load>
}

/** @throws Error with how to get h2load */
export async function findH2load(): Promise<H2load> {
  const command = await findCommand(
    'h2load',
    'it is in the Debian package nghttp2-client: apt-get install nghttp2-client',
  )
  return {
    async run({ url, headers, bodyFile }, seconds, atOnce = connections * streams) {
      const fields = Object.entries(headers).flatMap(([name, value]) => ['-H', `${name}: ${value}`])
      const args = [
        '-t1',
        `-c${connections}`,
        `-m${atOnce / connections}`,
        `-D${seconds}`,
        '-d',
        bodyFile,
        ...fields,
        url,
      ]
      return readH2load(await runPinned(command, args, { timeoutMs: (seconds + 20) * 1000 }), seconds)
    },
  }
}

/** Reads what h2load prints. Requests that were on their way when time was up are no failures, and not counted. */
export function readH2load(output: string, seconds: number): Load {
  const number = (pattern: RegExp): number => {
    const found = pattern.exec(output)?.[1]
    if (found === undefined) throw new Error(`h2load printed no ${pattern} in:\n${output}`)
    return Number(found)
  }
  const success = number(/^status codes: (\d+) 2xx/m)
  const others = [/ (\d+) 3xx/, / (\d+) 4xx/, / (\d+) 5xx/].map(number)
  const notSuccessful = others.reduce((sum, count) => sum + count, 0)
  const data = number(/^traffic: .*\((\d+)\) data$/m)
  const requests = success + notSuccessful
  return {
    requests,
    seconds,
    notSuccessful,
    failed: number(/ (\d+) errored/) + number(/ (\d+) timeout/),
    bytesPerAnswer: requests === 0 ? 0 : data / requests,
  }
}
