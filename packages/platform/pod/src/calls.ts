import { readFile } from 'node:fs/promises'
import { retrying, type Transport } from '@atlas/client'
import { http2Transport } from '@atlas/client/http2'
import { encodeSubject, hopHeaders, type Telemetry, traceHeaders } from '@atlas/runtime'
import { currentCall, inheritCall } from '@atlas/sdk'
import type { Variables } from './variables.ts'

/** Where other servlets are, unless `ATLAS_CALL_URL` says another place: the internal gateway, which knows where each is. */
const callUrl = 'http://{servlet}.atlas-system.internal'

/** Where a cluster puts the tokens of a pod, one file for each servlet that may be called. */
const tokenFolder = '/var/run/atlas/tokens'

/** For how long a token is not read again. Clusters renew theirs long before they expire. */
const tokenAgeMs = 60_000

/** The transport of calls from one servlet to another, over the network, with retries, traces and whoever is signed in. */
export function transportTo(
  callee: string,
  { caller, telemetry, variables }: { caller: string; telemetry: Telemetry; variables: Variables },
): Transport {
  const token = tokenFor(callee, variables.ATLAS_TOKEN_FOLDER ?? tokenFolder)
  const network = http2Transport({
    baseUrl: (variables.ATLAS_CALL_URL ?? callUrl).replaceAll('{servlet}', callee),
    headers: async () => ({ ...headersOf(caller), ...(await token()) }),
  })
  return telemetry.observed(inheritCall(retrying(network)), caller, 'http')
}

/** Who calls, and for whom. Gateways that check tokens write the caller themselves. */
function headersOf(caller: string): Record<string, string> {
  const user = currentCall.getStore()?.user
  return {
    ...traceHeaders(),
    [hopHeaders.caller]: caller,
    ...(user === undefined ? {} : { [hopHeaders.subject]: encodeSubject(user) }),
  }
}

/** A token whose audience is the callee: it is the permission to call. Without a file there is none to send. */
function tokenFor(callee: string, folder: string): () => Promise<Record<string, string>> {
  let known: { readonly headers: Record<string, string>; readonly readAt: number } | undefined
  return async () => {
    if (known && performance.now() - known.readAt < tokenAgeMs) return known.headers
    const text = await readFile(`${folder}/${callee}`, 'utf8').catch(() => '')
    const headers: Record<string, string> = text === '' ? {} : { 'x-atlas-token': text.trim() }
    known = { headers, readAt: performance.now() }
    return headers
  }
}
