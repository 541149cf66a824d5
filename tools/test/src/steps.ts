import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Children } from './children.ts'
import { type Counts, noTests, sum } from './counts.ts'
import { NxOutput } from './nx-output.ts'

/** What a run is limited to. */
export interface Selection {
  /** Names of packages, with or without their scope; all when empty. */
  readonly packages: readonly string[]
  /** Only packages that changed since the base branch, and those that depend on them. */
  readonly affected: boolean
}

/** What a run found: the counts for its closing line, and a line for each failure. */
export interface Result {
  readonly counts: Counts
  readonly failures: readonly string[]
}

/**
 * Lints, type-checks and tests every selected package, then checks the product. A step that fails does not stop the next. That no
 * test ran is a failure.
 */
export async function runSteps(
  root: string,
  selection: Selection,
  children: Children,
  goesOn: () => boolean,
): Promise<Result> {
  const bin = (name: string): string => join(root, 'node_modules', '.bin', name)
  const results: Result[] = []

  results.push(await step('biome check .', children.run(bin('biome'), ['check', '.'])))

  if (goesOn()) {
    const output = new NxOutput()
    const code = await children.run(bin('nx'), nxArguments(selection), (line, stream) =>
      output.line(line, stream),
    )
    results.push(output.result(code))
  }
  if (goesOn() && existsSync(join(root, 'packages/platform/cli')))
    results.push(await step('atlas check', children.run(bin('atlas'), ['check'])))

  const counts = sum(results.map((result) => result.counts))
  const failures = results.flatMap((result) => result.failures)
  return { counts, failures: counts.passed + counts.failed > 0 ? failures : [...failures, 'no test ran'] }
}

/** The arguments that nx is run with. */
export function nxArguments({ packages, affected }: Selection): string[] {
  return [
    affected ? 'affected' : 'run-many',
    '--targets=types,test',
    // One format whoever runs it: nx picks others for terminals and CI, and the counting reads this one.
    '--outputStyle=static',
    ...(packages.length > 0 ? [`--projects=${packages.join(',')}`] : []),
  ]
}

async function step(name: string, exitCode: Promise<number>): Promise<Result> {
  return (await exitCode) === 0
    ? { counts: noTests, failures: [] }
    : { counts: { ...noTests, failed: 1 }, failures: [`${name} failed`] }
}
