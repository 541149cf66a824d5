import type { ErrorSituation } from '../error-situation.ts'

/** Errors of time, and of servlets that are not there. */
export const availability: ErrorSituation = {
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
      error: 'canceled the caller left the stream',
      when: 'a servlet stops reading the stream of another one; it stands in metrics and traces only',
      remedy: 'nothing',
    },
    {
      error: 'canceled the request is over',
      when: 'a handler goes on reading the body of a request that has its answer',
      remedy: 'read the body before you answer',
    },
    {
      error: 'resource_exhausted too many requests are waiting already; try again later',
      when: 'an endpoint gets more requests than it can answer, and as many wait as can be answered in time',
      remedy:
        'wait as long as `Retry-After` says and try again, at most a few times; as the owner: run more of it',
    },
    {
      error:
        'resource_exhausted too many requests run to answer this one before its deadline; try again later, or give it more time',
      when: 'an endpoint is busy, and half of its answers take longer than the caller has left',
      remedy: 'the same, or give more time',
    },
    {
      error: 'resource_exhausted the request waited for too long; try again later',
      when: 'an endpoint is busy, and a request waited for as long as any may',
      remedy: 'the same',
    },
    {
      error: 'resource_exhausted more important requests took the place of this one; try again later',
      when: 'an endpoint is busy, and a request with a higher priority came while this one waited',
      remedy: 'the same',
    },
    {
      error: 'deadline_exceeded the deadline passed before the request could run',
      when: 'an endpoint is busy, and the time that the caller gave ran out while the request waited',
      remedy: 'give more time',
    },
    {
      error: 'unavailable the server is overloaded; try again later',
      when: 'the event loop of the process is late, whatever endpoint is asked',
      remedy:
        'wait as long as `Retry-After` says and try again; as the owner: find out what blocks the event loop, or run more of it',
    },
    {
      error: 'unavailable the server is about to stop; try again',
      when: 'a request comes to a server that takes no more',
      remedy: 'retry: it was not looked at',
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
      error: 'resource_exhausted … is overloaded: … requests run already; try again later',
      when: 'the process of the servlet has 1,000 requests at once (`--placement isolated` or `groups`)',
      remedy:
        'wait as long as `Retry-After` says and try again; as the owner: find out in `npx atlas top` what takes so long',
    },
    {
      error: 'resource_exhausted … is starting, and … requests wait for it already; try again later',
      when: 'a servlet that was asleep is started, and as many requests wait as may',
      remedy: 'the same',
    },
    {
      error: 'unavailable … ended; try again',
      when: 'the process of the servlet ended a moment ago, and the gateway of this machine has no other one yet',
      remedy: 'try again: it is started anew',
    },
    {
      error: 'unavailable … ended before it had answered; try again',
      when: 'the process of the servlet ended while it handled the request',
      remedy:
        'find out in its log why; whether the request had an effect is not known, so retry if it is idempotent',
    },
    {
      error: 'unavailable … is not running: it is gone',
      when: 'the folder of the servlet was removed while the request was on its way',
      remedy: 'nothing, or put it back',
    },
    {
      error:
        'resource_exhausted … cannot start: as many servlets are busy as fit on this machine; try again later',
      when: 'every process that may run at once (`--awake`, `--memory`) has requests, for 30 s',
      remedy: 'retry after the time in `Retry-After`, or allow more',
    },
    {
      error: 'unavailable … cannot be reached, or the connection broke',
      when: 'a client over HTTP gets no answer, or half of one',
      remedy: 'check the address; retry if the call is idempotent',
    },
  ],
}
