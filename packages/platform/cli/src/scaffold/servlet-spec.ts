import type { CatalogAccess, ConfigValue, StoreKind } from '@atlas/manifest'

/** A servlet that another one calls. */
export interface CalledServlet {
  /** `identity` */
  readonly name: string
  /** `@acme/identity` */
  readonly package: string
  /** What its contract.ts exports the contract as. */
  readonly exported: string
}

/** What a new servlet is made of. */
export interface NewServlet {
  /** `file-links` */
  readonly name: string
  /** `@acme` */
  readonly scope: string
  readonly owner: string
  readonly description?: string | undefined
  /** The name of its first endpoint. */
  readonly endpoint: string
  /** Its route, which the contract package can parse. */
  readonly route: string
  readonly access: CatalogAccess
  readonly stores: Readonly<Record<string, StoreKind>>
  readonly config: Readonly<Record<string, ConfigValue>>
  /** What each secret is. */
  readonly secrets: Readonly<Record<string, string>>
  readonly calls: readonly CalledServlet[]
  /** Who may call it; everybody where undefined. */
  readonly callers?: readonly string[] | undefined
  /** The range of `@atlas/*`: `*` beside their sources, else the version installed. */
  readonly platform: string
  /** The range of zod. */
  readonly zod: string
}

/** What a servlet with nothing special is made of. */
export function plainServlet(
  servlet: Pick<NewServlet, 'name' | 'scope' | 'owner' | 'platform' | 'zod'>,
): NewServlet {
  return {
    ...servlet,
    endpoint: 'greet',
    route: `GET /${servlet.name}/{name}`,
    access: 'public',
    stores: {},
    config: {},
    secrets: {},
    calls: [],
  }
}
