import type { Servlet } from '@atlas/sdk'

/**
 * What the catalog needs of an interface document, straight from the code: while somebody writes a servlet, the
 * committed document is older than the contract.
 */
export function outlineOf({ contract, definition }: Servlet): object {
  return {
    name: contract.name,
    endpoints: mapValues(contract.endpoints, ({ route, access }) => ({ route, access })),
    mounts: mapValues(definition.mount, ({ access }) => ({ access })),
    calls: Object.fromEntries(Object.values(definition.calls).map((called) => [called.name, []])),
  }
}

function mapValues<T, U>(record: Readonly<Record<string, T>>, map: (value: T) => U): Record<string, U> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, map(value)]))
}
