import { contract, endpoint } from '@atlas/contract'
import { interfaceOf } from '@atlas/interface'
import { servlet } from '@atlas/sdk'
import { Order, Receipt, receiptAfterComputing, receiptAfterWork, receiptOf } from './order.ts'

/** The contract of every server: Atlas serves it, the others are written after it. */
export const orders = contract('orders', {
  place: endpoint({ route: 'POST /orders', access: 'public', input: Order, output: Receipt }),
  work: endpoint({ route: 'POST /work', access: 'public', input: Order, output: Receipt }),
  littleWork: endpoint({ route: 'POST /little-work', access: 'public', input: Order, output: Receipt }),
  compute: endpoint({ route: 'POST /compute', access: 'public', input: Order, output: Receipt }),
})

/** Its interface document, which has the numbers of the protobuf fields. */
export const ordersDocument = interfaceOf(orders)

/** Its implementation on Atlas. */
export const ordersServlet = servlet(orders, {
  place: async (order) => receiptOf(order),
  work: async (order) => receiptAfterWork(order),
  littleWork: async (order) => receiptAfterWork(order, 'little work'),
  compute: async (order) => receiptAfterComputing(order),
})
