import type { ErrorSituation } from '../error-situation.ts'

/** Errors that those who write servlets and tests meet. */
export const authors: ErrorSituation = {
  title: 'For authors of servlets',
  errors: [
    {
      error:
        "invalid_argument '…' is not a key of a blob: it is empty / it is not well-formed Unicode / it is longer than 400 bytes / it has control characters / it starts or ends with '/' or has '//' / it has the segment '.' or '..'",
      when: 'a blobs store is given a key that is no path in every kind of store',
      remedy: 'make the key of an id or a hash, rather than of what users typed',
    },
    {
      error: "invalid_argument the metadata of blob '…' has … bytes; 1,800 is the most",
      when: 'a blob is put with more metadata than object stores take; what is not ASCII counts six bytes',
      remedy: 'keep what is long in a database, or in a blob of its own',
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
      error: 'failed_precondition … and … both claim …; change one of them, or serve them on different ports',
      when: 'two servlets that are served together have the same route or mount',
      remedy: 'change one of them; `npx atlas check` finds this before a start',
    },
    {
      error:
        'failed_precondition the certificate or its key cannot be used: …; give both in PEM, the key without a password',
      when: 'a server is started with `tls`',
      remedy: 'give a certificate and its key as PEM',
    },
    {
      error:
        'failed_precondition the socket … has … bytes, and the path of a socket at most …; choose a folder higher up / …',
      when: 'a server is told to listen on a Unix socket whose path cannot be used',
      remedy: 'choose another path, in a folder that is there and in which this user may write',
    },
  ],
}
