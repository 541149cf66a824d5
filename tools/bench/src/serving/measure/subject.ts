import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Case, checkReceipt } from '../cases.ts'
import { exchange } from '../exchange.ts'
import type { Order } from '../order.ts'
import type { RunningServer } from '../servers.ts'
import type { H2load } from '../tools/h2load.ts'
import type { Load, Target } from '../tools/load.ts'
import type { Wrk } from '../tools/wrk.ts'

/** A case whose server runs. */
export interface Subject {
  readonly case: Case
  readonly server: RunningServer
}

/** What loads servers in a closed loop. */
export interface LoadTools {
  readonly wrk: Wrk
  readonly h2load: H2load
}

/** Where to send an order, with the file that it was written to. */
export async function targetOf(
  { case: { protocol, path }, server }: Subject,
  sent: object,
  scratch: string,
  at = path,
): Promise<Target> {
  const bodyFile = join(scratch, `${server.port}-${protocol.name.replaceAll(/\W+/g, '-')}.body`)
  await writeFile(bodyFile, protocol.encode(sent))
  return { url: `http://127.0.0.1:${server.port}${at}`, headers: protocol.headers, bodyFile }
}

/** The load tool of a case's protocol. */
export function toolOf({ case: { protocol } }: Subject, tools: LoadTools): Wrk | H2load {
  return protocol.httpVersion === 1 ? tools.wrk : tools.h2load
}

/** Sends an order once and looks at the whole receipt. @returns how many bytes a right answer has */
export async function verify({ case: each, server }: Subject, sent: Order, at = each.path): Promise<number> {
  const { protocol } = each
  const answer = await exchange({
    httpVersion: protocol.httpVersion,
    port: server.port,
    path: at,
    headers: protocol.headers,
    body: protocol.encode(sent),
  })
  checkReceipt(each, sent, answer)
  return answer.bytes
}

/** Heads vary by the digit. What is no receipt differs by far more, and one wrong answer in a hundred by as much. */
const tolerance = 0.005

/** wrk also counts bytes of the answers that it did not read to the end: at most one for each connection. */
const unfinished = 32

/** @throws Error unless every answer was 2xx and as long as a receipt */
export function checkLoad({ case: { name } }: Subject, load: Load, bytes: number): void {
  const { requests, notSuccessful, failed, bytesPerAnswer } = load
  if (requests === 0) throw new Error(`${name} answered nothing`)
  if (notSuccessful + failed > 0)
    throw new Error(
      `${name}: of ${requests} requests ${notSuccessful} were not answered with 2xx and ${failed} not at all`,
    )
  const excess = bytesPerAnswer / bytes - 1
  if (excess < -tolerance || excess > tolerance + unfinished / requests)
    throw new Error(`${name}: answers have ${bytesPerAnswer} bytes on average; a receipt has ${bytes}`)
}
