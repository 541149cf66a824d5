import { afterAll, describe, expect, it } from 'vitest'
import { type Case, cases, checkReceipt, invalidOrder, largeOrder, order } from './cases.ts'
import { type Exchange, exchange } from './exchange.ts'
import { type RunningServer, startServer } from './servers.ts'

const running = new Map<string, Promise<RunningServer>>()
afterAll(async () => {
  for (const server of running.values()) await (await server).stop()
})

async function send({ server, protocol, path }: Case, body: Buffer): Promise<Exchange> {
  const key = JSON.stringify(server)
  if (!running.has(key)) running.set(key, startServer(server))
  const { port } = await running.get(key)!
  return exchange({ httpVersion: protocol.httpVersion, port, path, headers: protocol.headers, body })
}

describe.each(cases)('$name', { timeout: 60_000 }, (each) => {
  it('answers with the receipt, however large the order is', async () => {
    for (const sent of [order, largeOrder])
      checkReceipt(each, sent, await send(each, each.protocol.encode(sent)))
  })

  it('answers alike with as many bytes', async () => {
    const sizes = [1, 2].map(async () => (await send(each, each.protocol.encode(order))).bytes)
    expect(new Set(await Promise.all(sizes)).size).toBe(1)
  })

  it.each([
    ['a quantity that is too small', invalidOrder],
    ['no lines', { ...order, lines: [] }],
    ['no customer', { id: order.id, lines: order.lines }],
    ['a name that is too long', { ...order, customer: 'a'.repeat(81) }],
  ])('refuses %s', async (_, wrong) => {
    const answer = await send(each, each.protocol.encode(wrong))
    expect(each.protocol.refused(answer), `${answer.status} ${answer.body}`).toBe(true)
    expect(() => checkReceipt(each, order, answer)).toThrow('not the receipt')
  })
})

it('every order of 64 KiB is one', () => {
  const size = JSON.stringify(largeOrder).length
  expect(size).toBeGreaterThan(63 * 1024)
  expect(size).toBeLessThanOrEqual(64 * 1024)
})

it('no two cases have the same name', () => {
  expect(new Set(cases.map(({ name }) => name)).size).toBe(cases.length)
})
