import type { ErrorSituation } from '../error-situation.ts'

/** Errors of who calls. */
export const access: ErrorSituation = {
  title: 'Who may call',
  errors: [
    {
      error: 'permission_denied … is internal: only servlets may call it',
      when: 'somebody outside calls an endpoint without `access`, or with `internal`',
      remedy: 'call another endpoint; the owner can set `access` to `user` or `public`',
    },
    {
      error: "unauthenticated … is for signed-in users: send 'Authorization: Bearer <token>'",
      when: 'an endpoint with the access `user` is called without a token, or where nobody can sign in',
      remedy: 'sign in and send the token; the environment must name an `authenticator`',
    },
    {
      error: 'unauthenticated the token is not accepted: …',
      when: 'the authenticator refuses the token',
      remedy: 'sign in again',
    },
    {
      error: 'unavailable who is signed in cannot be checked now',
      when: 'the authenticator is down or too slow',
      remedy: 'retry with backoff',
    },
    {
      error: 'unavailable nobody can sign in: … is not running',
      when: 'the servlet of the authenticator did not start',
      remedy: 'read in the output of `atlas start` why; callers retry',
    },
    {
      error: 'internal the authenticator … does not exist',
      when: 'the environment names an endpoint that the servlet does not have',
      remedy: 'correct `authenticator` in the environment; `npx atlas check` finds this before a start',
    },
  ],
}
