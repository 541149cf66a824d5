import type { InterfaceDocument } from '../document.ts'

/** Which endpoint of one document is which of the other. */
export interface EndpointPairs {
  /** The endpoint of the servlet's document that is an endpoint of the caller's. */
  servletOf(caller: string): string | undefined
  /** The other way. */
  callerOf(servlet: string): string | undefined
}

/**
 * Endpoints are the same by name. One with another name is the same if both are not on gRPC, where names are on the wire,
 * and have the same route.
 */
export function endpointPairs(caller: InterfaceDocument, servlet: InterfaceDocument): EndpointPairs {
  const forth = new Map<string, string>()
  for (const name of Object.keys(caller.endpoints))
    if (Object.hasOwn(servlet.endpoints, name)) forth.set(name, name)
  const byRoute = new Map(
    Object.entries(servlet.endpoints)
      .filter(([name, { grpc }]) => grpc === false && !Object.hasOwn(caller.endpoints, name))
      .map(([name, { route }]) => [route, name]),
  )
  for (const [name, { route, grpc }] of Object.entries(caller.endpoints)) {
    const other = byRoute.get(route)
    if (!forth.has(name) && grpc === false && other !== undefined) forth.set(name, other)
  }
  const back = new Map([...forth].map(([from, to]) => [to, from]))
  return { servletOf: (name) => forth.get(name), callerOf: (name) => back.get(name) }
}
