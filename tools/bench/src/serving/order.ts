import { setTimeout } from 'node:timers/promises'
import * as z from 'zod'

const Line = z.object({
  sku: z.string().min(1).max(40),
  quantity: z.int32().min(1),
  cents: z.int32().min(0),
})

/** What every server is sent. */
export const Order = z.object({
  id: z.string().min(1).max(40),
  customer: z.string().min(3).max(80),
  lines: z.array(Line).min(1).max(5000),
})

/** What every server answers. */
export const Receipt = z.object({
  id: z.string().min(1).max(40),
  customer: z.string().min(3).max(80),
  lines: z.array(Line).min(1).max(5000),
  totalCents: z.int32().min(0),
})

export type Order = z.output<typeof Order>
export type Receipt = z.output<typeof Receipt>

/** The handler of every server: what it does costs little, so that the servers are compared. */
export function receiptOf({ id, customer, lines }: Order): Receipt {
  let totalCents = 0
  for (const { quantity, cents } of lines) totalCents += quantity * cents
  return { id, customer, lines, totalCents }
}

/** How long a working handler waits for somebody else: a database, say. */
export const waitMs = 5

/** How much a handler computes, so that a load tool can ask for more than there is. */
export type Work = 'work' | 'little work'

/** About 2 ms, and about three quarters of a millisecond, on the machine of the page. */
const turnsOf: Readonly<Record<Work, number>> = { work: 1_600_000, 'little work': 600_000 }

/** A handler that waits, and then computes. */
export async function receiptAfterWork(order: Order, work: Work = 'work'): Promise<Receipt> {
  await setTimeout(waitMs)
  return receiptAfterComputing(order, work)
}

/** A handler that computes without a wait. */
export function receiptAfterComputing(order: Order, work: Work = 'work'): Receipt {
  // Never so, which the compiler cannot know.
  return receiptOf(computed(turnsOf[work], order.lines.length) === 0.5 ? { ...order, id: '' } : order)
}

/** On whole numbers of 32 bits alone, which every run of it takes equally long for. */
function computed(turns: number, seed: number): number {
  let state = seed | 0
  for (let turn = 0; turn < turns; turn++) state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0
  return state
}

/** An order of so many lines; the same number gives the same order. */
export function orderOf(lines: number): Order {
  return {
    id: 'order-42',
    customer: 'ada@example.com',
    lines: Array.from({ length: lines }, (_, index) => ({
      sku: `A${1000 + (index % 1000)}`,
      quantity: 1 + (index % 9),
      cents: 199 + 50 * (index % 9),
    })),
  }
}
