import type { ErrorSituation } from '../error-situation.ts'

/** Errors of gRPC and Connect: what plain HTTP has no counterpart of. */
export const rpc: ErrorSituation = {
  title: 'gRPC and Connect',
  errors: [
    {
      error: 'unimplemented there is no method …',
      when: 'a gRPC call names a service or method that nobody serves',
      remedy: 'compare it with what `grpcurl -plaintext HOST:PORT list` says',
    },
    {
      error: 'unimplemented gRPC needs HTTP/2',
      when: 'a request with the content type of gRPC comes over HTTP/1.1',
      remedy: 'use a gRPC client, or a proxy that keeps HTTP/2; or call with Connect or JSON',
    },
    {
      error: 'unimplemented … is not served here; use POST',
      when: 'a gRPC call has another method than `POST`',
      remedy: 'use a gRPC client',
    },
    {
      error: 'unimplemented … is not served here; use GET or POST / POST',
      when: 'a Connect call has another method; `GET` is for endpoints without side effects',
      remedy: 'use one of those',
    },
    {
      error: 'invalid_argument content-type … is not served here; use …',
      when: 'the path is that of a method, and the content type is none of gRPC or Connect',
      remedy: 'use one of those named; `application/json` is the simplest',
    },
    {
      error: 'invalid_argument connect=… is not served; use connect=v1',
      when: 'a Connect call by `GET` asks for another version',
      remedy: 'write `connect=v1`, or leave it out',
    },
    {
      error: 'invalid_argument connect-protocol-version … is not served; use 1',
      when: 'a Connect call asks for another version',
      remedy: 'write `connect-protocol-version: 1`, or leave it out',
    },
    {
      error: 'invalid_argument the query needs encoding=json or encoding=proto',
      when: 'a Connect call by `GET` does not say how its message is written',
      remedy: 'add it to the query',
    },
    {
      error: 'invalid_argument the query needs message=',
      when: 'a Connect call by `GET` has no message',
      remedy: 'add it to the query; an empty message is `message={}` with `encoding=json`',
    },
    {
      error: 'invalid_argument the header grpc-timeout is not up to 8 digits and a unit, as in 500m',
      when: 'a gRPC caller gives its deadline in another form',
      remedy: 'write it as gRPC does: up to 8 digits, then one of `H M S m u n`',
    },
    {
      error: 'invalid_argument the message is no … in …: …',
      when: 'a message cannot be read as protobuf, or as the JSON of protobuf',
      remedy: 'compare the `.proto` that the caller has with `npx atlas docs`',
    },
    {
      error: "unimplemented the compression '…' is not supported; use gzip, identity",
      when: 'a message is compressed with something else',
      remedy:
        'use one of those named, which the header `grpc-accept-encoding` or `connect-accept-encoding` lists too',
    },
    {
      error: 'invalid_argument a compressed message is not gzip',
      when: 'a message claims to be compressed with gzip and cannot be unpacked',
      remedy: 'compress it, or send it as it is',
    },
    {
      error: 'resource_exhausted a message is larger than … bytes',
      when: 'a message, or what it unpacks to, has more than 4 MiB',
      remedy: 'send less; larger inputs should be bytes (`body: bytes()`), which travel in pieces',
    },
    {
      error: 'unimplemented this takes one message, there is none',
      when: 'a call without a stream of messages ends without one',
      remedy: 'send the message; an empty one is a frame of length 0',
    },
    {
      error: 'unimplemented this takes one message, there are more',
      when: 'a call without a stream of messages has several',
      remedy: 'send one',
    },
    {
      error: 'invalid_argument a message has the unknown flags 0x…',
      when: 'the first byte of a frame is none that gRPC or Connect knows',
      remedy: 'use a client of gRPC or Connect; compare the content type with what is sent',
    },
    {
      error: 'internal a message is compressed, and no header says with what',
      when: 'the frame of a message says that it is compressed, and the header that names the compression is missing',
      remedy: 'send `grpc-encoding`, or `connect-content-encoding`',
    },
    {
      error: 'invalid_argument the last message ends too early',
      when: 'the request ends in the middle of a message',
      remedy: 'send all of it; a proxy may have cut the request off',
    },
    {
      error: "not_found there is no service '…'",
      when: 'the health of a service is asked that nobody serves here',
      remedy:
        'ask for the empty name, which is the whole server, or compare with `grpcurl -plaintext HOST:PORT list`',
    },
    {
      error: 'unavailable the server is not ready',
      when: 'the health of the server is watched while it starts or ends',
      remedy: 'wait; send calls elsewhere',
    },
  ],
}
