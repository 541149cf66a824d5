import { checkContract } from './check/check-contract.ts'
import type { Problem } from './check/problem.ts'
import type { AnyEndpoint } from './infer.ts'

/** The endpoints of a contract by name. */
export type Endpoints = Readonly<Record<string, AnyEndpoint>>

/** The interface of a servlet. */
export interface Contract<N extends string = string, E extends Endpoints = Endpoints> {
  readonly name: N
  readonly endpoints: E
}

/** A contract that cannot be served; `problems` has all of them. */
export class ContractError extends TypeError {
  readonly problems: readonly Problem[]

  constructor(name: string, problems: readonly Problem[]) {
    const lines = problems.map((problem) => `  ${problem.path}: ${problem.message}; ${problem.remedy}`)
    super(
      `contract '${name}' has ${problems.length} problem${problems.length === 1 ? '' : 's'}\n${lines.join('\n')}`,
    )
    this.name = 'ContractError'
    this.problems = problems
  }
}

/**
 * Declares the interface of a servlet: `export const greeter = contract('greeter', { greet: endpoint({ ... }) })`.
 *
 * @throws ContractError when a route, an access or a schema cannot be served over HTTP or, unless `grpc: false`, gRPC.
 */
export function contract<const N extends string, E extends Endpoints>(name: N, endpoints: E): Contract<N, E> {
  const problems = checkContract(name, endpoints)
  if (problems.length > 0) throw new ContractError(name, problems)
  return Object.freeze({ name, endpoints: Object.freeze(endpoints) })
}
