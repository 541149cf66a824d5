/** How many tests passed, failed and were skipped. */
export interface Counts {
  readonly passed: number
  readonly failed: number
  readonly skipped: number
}

/** Nothing ran. */
export const noTests: Counts = { passed: 0, failed: 0, skipped: 0 }

/** Adds counts up. */
export function sum(all: Iterable<Counts>): Counts {
  let { passed, failed, skipped } = noTests
  for (const counts of all) {
    passed += counts.passed
    failed += counts.failed
    skipped += counts.skipped
  }
  return { passed, failed, skipped }
}

/** The line that closes a whole run: `12 passed, 0 failed`, with `, 1 skipped` when any was. */
export function closingLine({ passed, failed, skipped }: Counts): string {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`
}

/** The line that closes one package's tests. */
export function packageLine(name: string, { passed, failed, skipped }: Counts): string {
  return `${name}: ${passed} passed, ${failed} failed, ${skipped} skipped`
}

const packagePattern = /^(\S+): (\d+) passed, (\d+) failed, (\d+) skipped$/

/** Reads a line of {@link packageLine} back; undefined for any other line. */
export function parsePackageLine(line: string): { name: string; counts: Counts } | undefined {
  const [, name, passed, failed, skipped] = packagePattern.exec(line.trim()) ?? []
  if (name === undefined) return undefined
  return { name, counts: { passed: Number(passed), failed: Number(failed), skipped: Number(skipped) } }
}
