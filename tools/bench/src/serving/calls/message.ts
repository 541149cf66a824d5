import { orderOf } from '../order.ts'

const short = orderOf(3)

/** A message of 200 bytes of JSON. */
export const message = {
  ...short,
  customer: short.customer.padEnd(short.customer.length + 200 - JSON.stringify(short).length, '.'),
}
