/** What to do about an error that the platform itself makes. */
export interface ErrorAdvice {
  /** The code and the message as the sources have it, with `…` for what differs: `not_found no such thing`. */
  readonly error: string
  /** When it comes. Markdown, without a full stop. */
  readonly when: string
  /** What to do. Markdown, without a full stop. */
  readonly remedy: string
}

/** Errors that are met in one situation. */
export interface ErrorSituation {
  readonly title: string
  readonly errors: readonly ErrorAdvice[]
}

/** Errors of the platform by the situation that callers meet them in. A test compares them with the sources. */
export const errorAdvice: readonly ErrorSituation[] = [
  {
    title: 'The input',
    errors: [
      {
        error: 'invalid_argument …… (and … more)',
        when: 'the input is not what the contract says; `data.issues` has up to a hundred `{ path, message }`',
        remedy: 'correct every field that is named, all at once',
      },
      {
        error:
          'invalid_argument the body is not JSON: it ends too early / unexpected character at position … (line …, column …)',
        when: 'the body of a request cannot be parsed',
        remedy: 'correct it at that place',
      },
      {
        error: 'invalid_argument the body is not valid UTF-8; JSON must be',
        when: 'the body has bytes that are no UTF-8',
        remedy: 'encode it as UTF-8',
      },
      {
        error:
          "invalid_argument the body is '…' / of no declared type; send JSON in UTF-8 with 'content-type: application/json'",
        when: 'an endpoint that takes JSON gets another type, such as a form',
        remedy: 'send JSON and say so',
      },
      {
        error: 'invalid_argument content-encoding … is not accepted; send the body as it is',
        when: 'the body of a request is compressed',
        remedy: 'send it uncompressed',
      },
      {
        error:
          'invalid_argument the path or query is not valid percent-encoding of UTF-8; write % itself as %25',
        when: 'a `%` in the URL starts no valid escape',
        remedy: 'encode the URL with `encodeURIComponent`',
      },
      {
        error: 'invalid_argument the body is …, this takes …',
        when: 'an endpoint that takes bytes gets a media type that its contract does not accept',
        remedy: 'send one of the types named',
      },
      {
        error: 'resource_exhausted the body is larger than … bytes',
        when: 'a body has more bytes than the contract allows, or JSON more than 4 MiB',
        remedy: 'send less; larger inputs should be bytes (`body: bytes()`)',
      },
    ],
  },
  {
    title: 'The request',
    errors: [
      {
        error: 'unimplemented nothing is served at …',
        when: 'no servlet has a route or mount for the path',
        remedy: 'compare it with `npx atlas list`',
      },
      {
        error: 'unimplemented nothing is served at …; there are /-/ready and /-/live',
        when: 'a path that starts with `/-/` is not one of the two',
        remedy: 'use one of them',
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
        when: 'what came over the connection is no HTTP/1.1, or HTTP/2, which is not served yet',
        remedy: 'use an HTTP/1.1 client',
      },
      {
        error: 'resource_exhausted the request line and headers are too large',
        when: 'they have more than 16 KiB together',
        remedy: 'send large values in the body',
      },
    ],
  },
  {
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
  },
  {
    title: 'Time and availability',
    errors: [
      {
        error: 'deadline_exceeded the deadline passed',
        when: 'the time that the caller gave ran out (`timeoutMs`, or the header `connect-timeout-ms`)',
        remedy: 'give more time, or find out with the log what took it',
      },
      {
        error: 'deadline_exceeded the request did not arrive in time',
        when: 'a client takes more than 10 s to send its headers',
        remedy: 'send the request without pauses',
      },
      {
        error: 'deadline_exceeded the body did not arrive within … ms',
        when: 'a client takes more than 30 s for a JSON body, or pauses for more than 60 s in an upload',
        remedy: 'send it without pauses; a long upload may take as long as it moves',
      },
      {
        error: 'canceled the call was cancelled',
        when: 'the caller cancelled the call, by its `signal`',
        remedy: 'nothing: the caller wanted it',
      },
      {
        error: 'canceled the caller went away',
        when: 'the connection closed before the answer was sent; it stands in the log only',
        remedy: 'nothing',
      },
      {
        error: 'canceled the request is over',
        when: 'a handler goes on reading the body of a request that has its answer',
        remedy: 'read the body before you answer',
      },
      {
        error: 'unavailable the server is shutting down; try again',
        when: 'the process is ending and the request did not finish in time',
        remedy: 'retry',
      },
      {
        error: 'unavailable not ready',
        when: '`/-/ready` is asked while the process is ending',
        remedy: 'wait; send requests elsewhere',
      },
      {
        error: 'unavailable … is not running: …',
        when: 'the servlet of that path did not start; the message says why',
        remedy: 'correct what it names and start again',
      },
      {
        error: 'unavailable … cannot be reached, or the connection broke',
        when: 'a client over HTTP gets no answer, or half of one',
        remedy: 'check the address; retry if the call is idempotent',
      },
    ],
  },
  {
    title: 'Faults of a servlet',
    errors: [
      {
        error: 'internal internal error',
        when: 'a handler threw something unexpected, answered with what its contract does not allow, or let an error of another servlet pass. Nothing of it is told to the caller',
        remedy: 'the owner finds the cause in the log of the servlet',
      },
      {
        error: 'unimplemented … has no endpoint …',
        when: 'a caller knows an endpoint that the running servlet does not have',
        remedy: 'bring both to one version',
      },
      {
        error: 'internal the answer of ….… is not what its contract says: …',
        when: 'a client cannot read an answer by its contract: the two sides have contracts that do not fit',
        remedy: 'bring both to one version',
      },
      {
        error: 'unknown the stream ended with an unreadable error',
        when: 'the last line of a stream says that it failed, but not how',
        remedy: 'look into the log of the called servlet',
      },
    ],
  },
  {
    title: 'For authors of servlets',
    errors: [
      {
        error:
          "invalid_argument '…' is not a key of a blob: it is empty / it is not well-formed Unicode / it is longer than 1,000 bytes / it has control characters / it starts or ends with '/' or has '//' / it has the segment '.' or '..'",
        when: 'a blobs store is given a key that is no path in every kind of store',
        remedy: 'make the key of an id or a hash, rather than of what users typed',
      },
      {
        error: "failed_precondition blob '…' exists already / was changed meanwhile",
        when: 'a write with `ifMatch` finds another state than expected',
        remedy: 'read the blob again and decide again',
      },
      {
        error: 'invalid_argument timeoutMs is not a number; leave it out to wait without limit',
        when: 'a call is made with a computed `timeoutMs` that is `NaN`',
        remedy: 'correct the computation',
      },
      {
        error: 'invalid_argument the input cannot be written as JSON: …',
        when: 'an input holds what JSON has no form for, such as a bigint or a cycle',
        remedy: 'pass what the contract says',
      },
      {
        error: 'unimplemented open() was given no fake for ….…: add calls: { …: { …: ... } }',
        when: 'a test reaches a call that it gave no fake for',
        remedy: 'add the fake',
      },
      {
        error:
          'failed_precondition … and … both claim …; change one of them, or serve them on different ports',
        when: 'two servlets that are served together have the same route or mount',
        remedy: 'change one of them; `npx atlas check` finds this before a start',
      },
      {
        error:
          'failed_precondition the socket … has … bytes, and the path of a socket at most …; choose a folder higher up / …',
        when: 'a server is told to listen on a Unix socket whose path cannot be used',
        remedy: 'choose another path, in a folder that is there and in which this user may write',
      },
    ],
  },
]
