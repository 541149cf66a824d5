import type { ErrorSituation } from '../error-situation.ts'

/** Errors of what a caller sends. */
export const input: ErrorSituation = {
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
}
