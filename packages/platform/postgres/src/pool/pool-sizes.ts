/** Connections that a server keeps for its superuser, and those that the platform itself needs: migrations, `atlas db`. */
const reserved = 10

/**
 * How many connections a pool of `wanted` may hold, so that all pools together fit into the server. Each gets its share of
 * what there is, and never less than one.
 *
 * @param totalWanted what all pools on the server want together
 * @param serverConnections `max_connections` of the server
 */
export function poolSize(wanted: number, totalWanted: number, serverConnections: number): number {
  const available = Math.max(1, serverConnections - reserved)
  if (totalWanted <= available) return wanted
  return Math.max(1, Math.floor((wanted * available) / totalWanted))
}
