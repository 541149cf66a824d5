import { servlet } from '@atlas/sdk'
import { greeter } from './contract.ts'

export default servlet(greeter, {
  greet: async ({ name }) => ({ message: `Hello ${name}` }),
})
