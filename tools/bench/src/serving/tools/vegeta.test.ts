import { expect, it } from 'vitest'
import { percentiles, sentPerSecond } from '../measure/latency.ts'
import { readShots } from './vegeta.ts'

const csv = `1764070000000000000,200,1500000,384,446,,eyJp,,0,POST,http://127.0.0.1/orders,
1764070000001000000,503,250000,384,60,503 Service Unavailable,eyJp,,1,POST,http://127.0.0.1/orders,
1764070000002500000,0,5000000000,0,0,"Post ""http://127.0.0.1/orders"": deadline, exceeded
",,,2,POST,http://127.0.0.1/orders,
`

it('reads times from the first shot, although nanoseconds since 1970 are more than a number holds', () => {
  expect(readShots(csv)).toEqual([
    { atMs: 0, status: 200, latencyMs: 1.5, bytes: 446 },
    { atMs: 1, status: 503, latencyMs: 0.25, bytes: 60 },
    { atMs: 2.5, status: 0, latencyMs: 5000, bytes: 0 },
  ])
})

it('knows what was sent, whatever was asked for', () => {
  expect(sentPerSecond(readShots(csv))).toBe(800)
})

it('takes percentiles by nearest rank', () => {
  const latencies = Array.from({ length: 1000 }, (_, index) => 1000 - index)
  expect(percentiles(latencies)).toEqual({ p50Ms: 500, p99Ms: 990, p999Ms: 999, maxMs: 1000 })
})
