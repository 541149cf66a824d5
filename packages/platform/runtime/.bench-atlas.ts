import { contract, endpoint } from '@atlas/contract'
import { serve } from '@atlas/runtime'
import { servlet, silent, startInstance } from '@atlas/sdk'
import * as z from 'zod'

const Item = z.object({ sku: z.string(), qty: z.int(), price: z.number() })
const Order = z.object({ id: z.string(), customer: z.string(), items: z.array(Item) })
const c = contract('bench', {
  greet: endpoint({
    route: 'GET /greet/{name}',
    access: 'public',
    input: z.object({ name: z.string().min(1) }),
    output: z.object({ message: z.string() }),
  }),
  echo: endpoint({ route: 'POST /echo', access: 'public', input: Order, output: Order }),
})
const s = servlet(c, { greet: async ({ name }) => ({ message: `Hello ${name}` }), echo: async (o) => o })
const i = await startInstance(s as any, {
  transportTo: () => {
    throw 1
  },
  stores: {},
  config: {},
  secrets: {},
  log: silent,
})
await serve({ instances: () => [i], port: Number(process.env.PORT) })
