import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { findCommand, runPinned } from './command.ts'
import type { Load, Target } from './load.ts'

const connections = 32

/** What is printed in the page. */
export const wrkFlags = `wrk -t1 -c${connections}`

/** wrk asks over HTTP/1.1, the next request of a connection after the answer to the one before. */
export interface Wrk {
  /** @param atOnce connections. @default 32 */
  run(target: Target, seconds: number, atOnce?: number): Promise<Load>
}

/** @throws Error with how to get wrk */
export async function findWrk(scratch: string): Promise<Wrk> {
  const command = await findCommand('wrk', 'it is in the Debian package wrk: apt-get install wrk')
  let scripts = 0
  return {
    async run(target, seconds, atOnce = connections) {
      const script = join(scratch, `wrk-${scripts++}.lua`)
      await writeFile(script, scriptOf(target))
      const args = ['-t1', `-c${atOnce}`, `-d${seconds}s`, '--timeout', '5s', '-s', script, target.url]
      return readWrk(await runPinned(command, args, { timeoutMs: (seconds + 20) * 1000 }))
    },
  }
}

/** Reads what our script prints at the end. */
export function readWrk(output: string): Load {
  const line = /^counted (\{.*\})$/m.exec(output)?.[1]
  if (line === undefined) throw new Error(`wrk printed no counts in:\n${output}`)
  const counted = JSON.parse(line) as Record<string, number>
  const { requests = 0, microseconds = 0, bytes = 0, status = 0 } = counted
  return {
    requests,
    seconds: microseconds / 1e6,
    notSuccessful: status,
    failed: counted.connect! + counted.read! + counted.write! + counted.timeout!,
    bytesPerAnswer: requests === 0 ? 0 : bytes / requests,
  }
}

/** Only `done` is Lua's: a script that looks at each answer would make the client the slower side. */
function scriptOf({ headers, bodyFile }: Target): string {
  const lines = Object.entries(headers).map(
    ([name, value]) => `wrk.headers[${JSON.stringify(name)}] = ${JSON.stringify(value)}`,
  )
  return `wrk.method = "POST"
local file = io.open(${JSON.stringify(bodyFile)}, "rb")
wrk.body = file:read("*a")
file:close()
${lines.join('\n')}
done = function(summary)
  io.write(string.format(
    '\\ncounted {"requests":%d,"microseconds":%d,"bytes":%d,"status":%d,"connect":%d,"read":%d,"write":%d,"timeout":%d}\\n',
    summary.requests, summary.duration, summary.bytes, summary.errors.status, summary.errors.connect,
    summary.errors.read, summary.errors.write, summary.errors.timeout))
end
`
}
