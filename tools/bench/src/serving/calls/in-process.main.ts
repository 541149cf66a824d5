/**
 * Measures calls in the same process, in a process of its own: `node in-process.main.ts VARIANT SECONDS` prints a CallCost.
 */
import { isDeepStrictEqual } from 'node:util'
import { createClient } from '@atlas/client'
import { createTelemetry } from '@atlas/runtime'
import { inProcessTransport, type Servlet, silent, startInstance } from '@atlas/sdk'
import * as z from 'zod'
import { orders, ordersServlet } from '../contract.ts'
import { Order, Receipt, receiptOf } from '../order.ts'
import { message } from './message.ts'
import { timeCalls } from './time-calls.ts'

const [variant, seconds] = process.argv.slice(2)

async function callOf(): Promise<() => Promise<Receipt>> {
  if (variant === 'zod alone') {
    const [input, output] = [z.compile(Order), z.compile(Receipt)]
    const handler = async (order: Order) => receiptOf(order)
    return async () => output.parse(await handler(input.parse(message)))
  }
  const telemetry = variant === 'bare' ? undefined : await createTelemetry()
  const instance = await startInstance(ordersServlet as Servlet, {
    transportTo: (contract) => {
      throw new Error(`nothing is called, not ${contract.name}`)
    },
    stores: {},
    config: {},
    secrets: {},
    log: silent,
  })
  const transport = inProcessTransport(() => instance, { caller: 'bench' })
  const client = createClient(orders, telemetry?.observed(transport, 'bench', 'in_process') ?? transport)
  return () => client.place(message)
}

const call = await callOf()
const receipt = await call()
if (!isDeepStrictEqual(receipt, receiptOf(message))) throw new Error('the answer is not the receipt')
process.stdout.write(`${JSON.stringify(await timeCalls(call, Number(seconds)))}\n`, () => process.exit())
