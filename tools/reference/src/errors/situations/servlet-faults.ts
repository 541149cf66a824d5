import type { ErrorSituation } from '../error-situation.ts'

/** Errors that are the fault of a servlet. */
export const servletFaults: ErrorSituation = {
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
}
