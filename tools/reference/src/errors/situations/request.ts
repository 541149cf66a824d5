import type { ErrorSituation } from '../error-situation.ts'

/** Errors of a request before its input is looked at. */
export const request: ErrorSituation = {
  title: 'The request',
  errors: [
    {
      error: 'unimplemented nothing is served at …',
      when: 'no servlet has a route or mount for the path',
      remedy: 'compare it with `npx atlas list`',
    },
    {
      error: 'unimplemented nothing is served at …; there are …',
      when: 'a path that starts with `/-/` is not one of those that every server has',
      remedy: 'use one of them',
    },
    {
      error: 'invalid_argument the header … has no subject',
      when: 'a servlet behind a gateway is sent a header `x-atlas-subject` that no gateway wrote',
      remedy: 'leave headers that begin with `x-atlas-` to the gateway',
    },
    {
      error: 'unimplemented telemetry is off here, so there are no metrics',
      when: '`/-/metrics` is asked of a server that was started with `telemetry: false`',
      remedy: 'leave the option out',
    },
    {
      error: 'unimplemented … is not served here; use …',
      when: 'the path has routes, but none for this method; the header `allow` lists those that it has',
      remedy: 'use one of those',
    },
    {
      error:
        'invalid_argument the header connect-timeout-ms is not a whole number of milliseconds of up to 10 digits',
      when: 'a caller gives its deadline in another form',
      remedy: 'write it as in `connect-timeout-ms: 2000`',
    },
    {
      error: 'invalid_argument expect: … is not known; leave it out',
      when: 'a request expects something other than `100-continue`',
      remedy: 'leave the header out',
    },
    {
      error: 'invalid_argument this is not a valid HTTP/1.1 request',
      when: 'what came over the connection is neither HTTP/1.1 nor HTTP/2 with prior knowledge',
      remedy: 'use a client of either; over TLS on a port that serves TLS',
    },
    {
      error: 'resource_exhausted the request line and headers are too large',
      when: 'they have more than 16 KiB together',
      remedy: 'send large values in the body',
    },
    {
      error: 'invalid_argument this request cannot be written as HTTP/1.1, which is served here',
      when: 'a mounted app gets a request over HTTP/2 with a path or headers that HTTP/1.1 has no form for',
      remedy: 'send no control characters in path and headers',
    },
  ],
}
