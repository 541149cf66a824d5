/**
 * Measures calls over a network: `node network.main.ts TRANSPORT URL SECONDS` prints a CallCost. The transport is `http2`, with
 * connections that it keeps, or `fetch`.
 */
import { isDeepStrictEqual } from 'node:util'
import { createClient, httpTransport } from '@atlas/client'
import { http2Transport } from '@atlas/client/http2'
import { orders } from '../contract.ts'
import { receiptOf } from '../order.ts'
import { message } from './message.ts'
import { timeCalls } from './time-calls.ts'

const [kind, baseUrl = '', seconds] = process.argv.slice(2)
const client = createClient(
  orders,
  kind === 'http2' ? http2Transport({ baseUrl }) : httpTransport({ baseUrl }),
)
const receipt = await client.place(message)
if (!isDeepStrictEqual(receipt, receiptOf(message))) throw new Error('the answer is not the receipt')
const cost = await timeCalls(() => client.place(message), Number(seconds))
process.stdout.write(`${JSON.stringify(cost)}\n`, () => process.exit())
