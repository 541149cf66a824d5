import { contract, endpoint } from '@atlas/contract'
import * as z from 'zod'

export const greeter = contract('greeter', {
  greet: endpoint({
    route: 'GET /greet/{name}',
    access: 'public',
    input: z.object({ name: z.string().min(1) }),
    output: z.object({ message: z.string() }),
  }),
})
