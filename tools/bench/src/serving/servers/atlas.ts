import { serve } from '@atlas/runtime'
import { type Servlet, silent, startInstance } from '@atlas/sdk'
import { ordersDocument, ordersServlet } from '../contract.ts'
import { announce } from './announce.ts'

const instance = await startInstance(ordersServlet as Servlet, {
  transportTo: (contract) => {
    throw new Error(`nothing is called, not ${contract.name}`)
  },
  stores: {},
  config: {},
  secrets: {},
  log: silent,
})

/** As peers are compared with each other: no telemetry, no limiter. Else what everybody gets. */
const bare = process.argv[2] === 'bare' ? { telemetry: false as const, overload: false as const } : {}

const { port } = await serve({ instances: () => [instance], documents: () => ordersDocument, ...bare })
announce(port)
