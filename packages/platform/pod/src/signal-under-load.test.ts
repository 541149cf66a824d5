import { once } from 'node:events'
import { expect, it } from 'vitest'
import { type Asked, askByHttp1, askByHttp2, type Tally } from './fixtures/callers.ts'
import { PodProcess } from './fixtures/pod-process.ts'

const json: Asked = {
  method: 'GET',
  path: '/work',
  headers: {},
  body: '',
  whole: (body) => body === '{"done":true}',
}
const connect: Asked = {
  ...json,
  method: 'POST',
  path: '/busy.Busy/Work',
  headers: { 'content-type': 'application/json' },
  body: '{}',
}
const connectStream: Asked = {
  ...connect,
  path: '/busy.Busy/Steps',
  headers: { 'content-type': 'application/connect+json' },
  body: '\0\0\0\0\x02{}',
  whole: (body) => body.includes('{"n":"3"}') && body.endsWith('{}'),
}
const grpc: Asked = {
  ...connect,
  headers: { 'content-type': 'application/grpc', te: 'trailers' },
  body: '\0\0\0\0\0',
  whole: (body, grpcStatus) => body.length === 7 && grpcStatus === '0',
}
const grpcStream: Asked = {
  ...grpc,
  path: '/busy.Busy/Steps',
  whole: (body, grpcStatus) => body.length === 3 * 7 && grpcStatus === '0',
}

it('loses nothing that it took when it is told to end under load, by every protocol at once', {
  timeout: 180_000,
}, async () => {
  // The delay is as long as whoever sends requests needs to hear of the end.
  using pod = new PodProcess('busy.main.ts', { ATLAS_DRAIN_DELAY_MS: '500', ATLAS_GRACE_MS: '60000' })
  const port = await pod.port()
  let leaving = false
  const kinds = [
    ['JSON over HTTP/1.1', askByHttp1, json],
    ['JSON over HTTP/2', askByHttp2, json],
    ['Connect over HTTP/1.1', askByHttp1, connect],
    ['Connect over HTTP/2', askByHttp2, connect],
    ['streams of Connect', askByHttp1, connectStream],
    ['gRPC', askByHttp2, grpc],
    ['streams of gRPC', askByHttp2, grpcStream],
  ] as const
  const tallies = new Map<string, Tally>(kinds.map(([name]) => [name, { answered: 0, refused: 0, lost: [] }]))
  const callers = kinds.flatMap(([name, ask, asked]) =>
    [1, 2].map(() => ask(port, asked, tallies.get(name)!, () => leaving)),
  )
  const before = new Map<string, number>()
  const gone = once(pod.process, 'exit')
  try {
    for (const [name, tally] of tallies)
      await expect.poll(() => tally.answered, { message: name, timeout: 60_000 }).toBeGreaterThan(20)
    for (const [name, { answered }] of tallies) before.set(name, answered)
    pod.process.kill('SIGTERM')
  } finally {
    // As whoever balances load: it hears of the end before the process stops accepting.
    leaving = true
  }
  expect(await gone).toEqual([0, null])
  await Promise.all(callers)
  for (const [name, { answered, lost }] of tallies) {
    expect(lost, name).toEqual([])
    expect(answered, name).toBeGreaterThan(before.get(name)!)
  }
})
