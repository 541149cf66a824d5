import { readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import type { Reporter, TestModule, Vitest } from 'vitest/node'
import { type Counts, packageLine } from './counts.ts'

/** A vitest reporter that closes with `PACKAGE: N passed, N failed, N skipped`, for people and for `npm test` to add up. */
export default class Summary implements Reporter {
  #name = 'tests'

  onInit(vitest: Vitest): void {
    this.#name = nameOfPackage(vitest.config.root)
  }

  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly unknown[]): void {
    process.stdout.write(`\n${packageLine(this.#name, count(modules, unhandledErrors.length))}\n`)
  }
}

/**
 * Counts tests, and as one failure each: a module or suite that failed outside its tests (an import, a hook), and an
 * error that no test caught.
 */
function count(modules: readonly TestModule[], unhandledErrors: number): Counts {
  const counts = { passed: 0, failed: unhandledErrors, skipped: 0 }
  for (const module of modules) {
    if (module.errors().length > 0) counts.failed++
    for (const suite of module.children.allSuites()) if (suite.errors().length > 0) counts.failed++
    for (const { state } of [...module.children.allTests()].map((test) => test.result())) {
      // A test that never got to run (an interrupted run) proves nothing, so it counts as skipped.
      if (state === 'pending') counts.skipped++
      else counts[state]++
    }
  }
  return counts
}

function nameOfPackage(root: string): string {
  try {
    const { name } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { name?: string }
    return name ?? basename(root)
  } catch {
    return basename(root)
  }
}
