import type { Fleet } from './fleet.ts'
import { openClient } from './traffic.ts'

/** Requests that each pod of a servlet has answered at an endpoint, over one protocol or all, as it says itself. */
export async function answeredByPod(
  { api, running }: Pick<Fleet, 'api' | 'running'>,
  servlet: string,
  endpoint: string,
  protocol = '',
): Promise<Map<string, number>> {
  const { items } = await api.get(`/api/v1/namespaces/servlet-${servlet}/pods`)
  const found = new Map<string, number>()
  for (const { metadata, status } of items) {
    if (status.podIP === undefined || metadata.deletionTimestamp !== undefined) continue
    const client = await openClient(running, 'pod', `${status.podIP}:8080`)
    try {
      const { text } = await client.get('/-/metrics')
      const counts = [...text.matchAll(/^atlas_server_requests_total\{([^}]*)\} (\S+)/gm)]
        .filter(([, labels]) => labels!.includes(`endpoint="${endpoint}"`))
        .filter(([, labels]) => labels!.includes(`protocol="${protocol}`))
        .map(([, , value]) => Number(value))
      found.set(
        metadata.name,
        counts.reduce((sum, each) => sum + each, 0),
      )
    } finally {
      client.close()
    }
  }
  return found
}
