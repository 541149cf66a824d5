import { isDeepStrictEqual } from 'node:util'
import type { Catalog, Environment, Finding } from '@atlas/manifest'
import { sentenceOf } from './finding-sentence.ts'

/** An environment, as far as its file can be read. */
export interface ReadEnvironment {
  /** Undefined where there is no such file, or it cannot be read. */
  readonly environment: Environment | undefined
  /** What is wrong with the file, first of all. */
  readonly environmentProblem: string | undefined
}

/** The file of the environment cannot be read: nobody knows what the platform is to do. */
export class EnvironmentUnreadable extends Error {}

const fileOf = (environment: string) => `infra/environments/${environment}.json`

/** Finds an environment in a catalog. */
export function environmentIn(
  { environments }: Catalog,
  findings: readonly Finding[],
  name: string,
): ReadEnvironment {
  const file = fileOf(name)
  const problem = findings.find((finding) => finding.severity === 'error' && finding.file === file)
  return { environment: environments[name], environmentProblem: problem && sentenceOf(problem) }
}

/**
 * Says what is wrong with the environment that a platform starts with, where it can start all the same.
 *
 * @throws EnvironmentUnreadable where it cannot: without its policy it would be another platform
 */
export function beginWith(
  { environment, environmentProblem }: ReadEnvironment,
  note: (message: string) => void,
): void {
  if (environmentProblem === undefined) return
  if (!environment) throw new EnvironmentUnreadable(environmentProblem)
  note(environmentProblem)
}

/** What the gateway is made with, and keeps until it ends. */
const kept = ['authenticator', 'cors', 'cookies'] as const

/**
 * The environment to go on with after its file changed: one that cannot be read any more counts as it was. Says what people should
 * know.
 */
export function goOnWith(
  before: ReadEnvironment,
  after: ReadEnvironment,
  name: string,
  note: (message: string) => void,
): ReadEnvironment {
  const { environmentProblem: problem } = after
  const unreadable = problem !== undefined && !after.environment
  if (problem !== undefined && problem !== before.environmentProblem)
    note(unreadable ? `the environment is as before: ${problem}` : problem)
  if (unreadable) return { ...before, environmentProblem: problem }
  const late = kept.filter((key) => !isDeepStrictEqual(before.environment?.[key], after.environment?.[key]))
  if (late.length > 0)
    note(`${fileOf(name)}: ${late.join(', ')} changed; that counts when the platform is started again`)
  return after
}
