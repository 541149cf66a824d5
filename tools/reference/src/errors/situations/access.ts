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
      error:
        'permission_denied … may not call …, because it does not declare it: add the package of … to dependencies in package.json of …, run npx atlas interface, and deploy … again',
      when: 'a servlet calls another one that its `package.json` does not depend on; nothing was sent',
      remedy: 'add the dependency, so that the call can be reviewed, and run `npx atlas interface`',
    },
    {
      error:
        'unauthenticated a call of … from within needs a token in …; call through ctx.calls, which sends one',
      when: 'something reaches the internal gateway of this machine without a token, whatever its headers claim',
      remedy: 'call through `ctx.calls`; from outside, call the public port',
    },
    {
      error:
        'unauthenticated the token in … for a call of … expired / was not signed by this platform; call through ctx.calls, which sends one that is good',
      when: 'the token expired, or another platform signed it, an earlier run of this one for example',
      remedy: 'call through `ctx.calls`, which replaces tokens before they expire',
    },
    {
      error:
        'permission_denied … sent its token for calls of … to …; declare the call of …, and it gets one for that',
      when: 'a token is used for another servlet than the one that it was issued for',
      remedy: 'declare the call, and use `ctx.calls`',
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
      error:
        "permission_denied a page of another origin sent this with the user's cookie; name its origin in the environment's cors, with credentials",
      when: 'a request that changes something is signed in by the session cookie alone, and a browser says that a page of another origin sent it',
      remedy:
        'name the origin in `cors` of the environment, with `credentials`; or send the token as a header',
    },
    {
      error: 'unauthenticated send the token to keep: authorization: Bearer TOKEN',
      when: '`POST /-/session` is asked for a cookie without a token, or where nobody can sign in',
      remedy: 'sign in first, and send the token',
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
