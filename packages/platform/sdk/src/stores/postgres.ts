import type { Pool } from 'pg'

/**
 * A Postgres database of one servlet alone (`"stores": { "links": { "postgres": {} } }`): a pool of `pg`, which drizzle and
 * other libraries take as it is: `drizzle({ client: stores.links })`. The platform opens it, sizes it, and ends it.
 *
 * A server that is away is an AtlasError `unavailable`, and one that is back is used again without further ado. A query that
 * nobody waits for any more is cancelled. Other errors are those of `pg`; see {@link sqlStateOf}.
 */
export interface Postgres extends Pool {}
