import type { Transport } from '@atlas/client'
import type { Contract } from '@atlas/contract'
import type { Calls } from '../context.ts'
import { inProcessTransport } from '../instance/in-process.ts'
import { type Instance, startInstance } from '../instance/instance.ts'
import { silent } from '../logger.ts'
import { servlet as implement, type Servlet } from '../servlet.ts'
import { missingFake } from './missing-fake.ts'
import { startedOnce } from './started-once.ts'
import { storesOf } from './stores-of.ts'

/**
 * Transports to the fakes of a test. A servlet that stands in as itself may call others: they are found among the same
 * fakes, by their contract.
 */
export function fakesOf(
  calls: Calls,
  given: object = {},
  closers: (() => Promise<void>)[],
  caller: string,
): (contract: Contract) => Transport {
  const starts = new Map<Contract, () => Promise<Instance>>()
  const start = async (contract: Contract) => {
    const [key = contract.name] = Object.entries(calls).find(([, called]) => called === contract) ?? []
    const servlet = servletOf(contract, (given as Record<string, unknown>)[key])
    const { manifest } = servlet.definition
    return startInstance(servlet, {
      transportTo: transportsFrom(contract.name),
      stores: await storesOf(servlet, { log: silent }, closers),
      config: { ...manifest?.config },
      secrets: {},
      log: silent,
    })
  }
  const transportsFrom = (name: string) => (contract: Contract) => {
    let started = starts.get(contract)
    if (!started) {
      started = startedOnce(() => start(contract), closers)
      starts.set(contract, started)
    }
    return inProcessTransport(started, { caller: name, causes: true })
  }
  return transportsFrom(caller)
}

/** The servlet itself, or one of the handlers given. An endpoint without one says so when it is called. */
function servletOf(contract: Contract, fake: unknown = {}): Servlet {
  if (isServlet(fake)) return fake
  const handlers = { ...(fake as Record<string, unknown>) }
  for (const name of Object.keys(contract.endpoints))
    handlers[name] ??= () => {
      throw missingFake(contract.name, name)
    }
  return implement(contract, handlers as never)
}

function isServlet(value: unknown): value is Servlet {
  return typeof value === 'object' && value !== null && 'definition' in value && 'contract' in value
}
