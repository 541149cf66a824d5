import { randomUUID } from 'node:crypto'
import { activity } from '@acme/activity/contract'
import { files } from '@acme/files/contract'
import { type Account, identity } from '@acme/identity/contract'
import { notifications } from '@acme/notifications/contract'
import { previews } from '@acme/previews/contract'
import { search } from '@acme/search/contract'
import { sharing } from '@acme/sharing/contract'
import { createClient, httpTransport } from '@atlas/client'
import type { At } from './case.ts'

const password = 'correct horse battery'

/** The product over HTTP, as somebody with this token sees it, or as a stranger. */
export function productAt({ url }: At, token?: string) {
  const headers = token === undefined ? {} : { authorization: `Bearer ${token}` }
  const transport = httpTransport({ baseUrl: url, headers })
  return {
    identity: createClient(identity, transport),
    files: createClient(files, transport),
    sharing: createClient(sharing, transport),
    search: createClient(search, transport),
    activity: createClient(activity, transport),
    notifications: createClient(notifications, transport),
    previews: createClient(previews, transport),
  }
}

/** Somebody who has just registered and signed in. */
export interface Somebody extends ReturnType<typeof productAt> {
  readonly account: Account
  readonly password: string
  readonly token: string
}

export async function somebody(at: At, name = 'Ada'): Promise<Somebody> {
  const stranger = productAt(at)
  const email = `${name.toLowerCase()}.${randomUUID()}@acme.example`
  const account = await stranger.identity.register({ email, name, password })
  const { token } = await stranger.identity.signIn({ email, password })
  return { ...productAt(at, token), account, password, token }
}

/** What a stream of bytes says. */
export function textOf(body: ReadableStream<Uint8Array>): Promise<string> {
  return new Response(body).text()
}
