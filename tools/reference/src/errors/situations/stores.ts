import type { ErrorSituation } from '../error-situation.ts'

/** Errors of the stores of servlets, as handlers meet them and callers get them where nobody catches them. */
export const stores: ErrorSituation = {
  title: 'Stores',
  errors: [
    {
      error: 'unavailable … cannot be reached now',
      when: 'the server of Postgres, or of the bucket that `ATLAS_BLOBS_URL` names, is away; the log says why',
      remedy: 'retry: the next use finds the server when it is back. One from npm is started again by itself',
    },
    {
      error: 'unavailable … cannot be reached: its server has no connection left',
      when: 'other programs hold all connections of the Postgres server',
      remedy:
        'retry; as the owner: lower `maxConnections` of the store, or raise `max_connections` of the server',
    },
    {
      error: 'resource_exhausted all … connections of … were busy for … s',
      when: 'a handler waits for a connection of a Postgres store, and those before it do not give theirs back',
      remedy:
        'retry; as the owner: find slow queries in the log, release connections of `connect()`, or raise `maxConnections`',
    },
    {
      error: 'deadline_exceeded the deadline passed while … was asked',
      when: 'the time that the caller gave ran out during a query, which was cancelled on the server',
      remedy: 'give more time, or make the query faster',
    },
    {
      error: 'canceled the call was cancelled while … was asked',
      when: 'the caller left during a query, which was cancelled on the server',
      remedy: 'nothing: the caller wanted it',
    },
    {
      error: 'internal … refuses the request',
      when: 'the server of a bucket answers with an error that will not go away by itself; the log says which',
      remedy: 'as the owner: correct what the log says, such as what the credentials may do',
    },
  ],
}
