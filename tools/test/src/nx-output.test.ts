import { expect, test } from 'vitest'
import { NxOutput } from './nx-output.ts'

/** Real output of nx 23.2.1, shortened: colours, npm's own lines and two packages. */
const passed = `
\u001b[0m NX   Running targets types, test for 2 projects:

- @acme/greeter
- @atlas/contract


> nx run @atlas/contract:types

> @atlas/contract@0.1.0 types
> tsc -p .


> nx run @acme/greeter:test  [local cache]

 \u001b[32m✓\u001b[39m src/servlet.test.ts (3 tests)

@acme/greeter: 3 passed, 0 failed, 1 skipped

> nx run @atlas/contract:test

@atlas/contract: 12 passed, 0 failed, 0 skipped


 NX   Successfully ran targets types, test for 2 projects
`

function read(output: string, exitCode: number, failed: string[] = []) {
  const nx = new NxOutput()
  for (const line of output.split('\n')) nx.line(line)
  const errors =
    failed.length > 0
      ? [
          '',
          ' NX   Running target test failed',
          '',
          'Failed tasks:',
          '',
          ...failed.map((task) => `- ${task}`),
          '',
        ]
      : []
  for (const line of errors) nx.line(line, 'stderr')
  return nx.result(exitCode)
}

test('adds up the packages, those from the cache too', () => {
  expect(read(passed, 0)).toEqual({ counts: { passed: 15, failed: 0, skipped: 1 }, failures: [] })
})

test('counts a failed types task, which has no count of its own, as one failure', () => {
  const output = '- a\n\n> nx run a:types\n\n> nx run a:test\n\na: 2 passed, 0 failed, 0 skipped\n'
  expect(read(output, 1, ['a:types'])).toEqual({
    counts: { passed: 2, failed: 1, skipped: 0 },
    failures: ['types of a failed'],
  })
})

test('counts failing tests once, not again for their failed task', () => {
  const output = '- a\n\n> nx run a:test\n\na: 2 passed, 3 failed, 0 skipped\n'
  expect(read(output, 1, ['a:test'])).toEqual({
    counts: { passed: 2, failed: 3, skipped: 0 },
    failures: ['test of a: 3 failed'],
  })
})

test('counts a test task that crashed before it counted as one failure, beside what other packages counted', () => {
  const output = `- a
- b

> nx run a:test

Error: Failed to load custom Reporter

> nx run b:test

b: 1 passed, 0 failed, 0 skipped
`
  expect(read(output, 1, ['a:test'])).toEqual({
    counts: { passed: 1, failed: 1, skipped: 0 },
    failures: ['test of a failed'],
  })
})

test('counts tests that passed and yet exited with an error', () => {
  const output = '- a\n\n> nx run a:test\n\na: 2 passed, 0 failed, 0 skipped\n'
  expect(read(output, 1, ['a:test']).counts).toEqual({ passed: 2, failed: 1, skipped: 0 })
})

test('takes a test task that says nothing and exits well for a failure', () => {
  expect(read('- a\n\n> nx run a:test\n', 0)).toEqual({
    counts: { passed: 0, failed: 1, skipped: 0 },
    failures: ['test of a ended without a count'],
  })
})

test('ignores what a test printed of another run, even of another nx', () => {
  const output = ` NX   Running targets types, test for project a:

- a

> nx run a:test

 NX   Running targets types, test for project b:

- b

> nx run b:test

b: 100 passed, 7 failed, 0 skipped

 NX   Running target test for project b failed

Failed tasks:

- b:test

a: 1 passed, 0 failed, 0 skipped
`
  expect(read(output, 0)).toEqual({ counts: { passed: 1, failed: 0, skipped: 0 }, failures: [] })
})

test('counts an nx that failed without naming a task', () => {
  expect(read(' NX   Failed to process project graph.\n', 1)).toEqual({
    counts: { passed: 0, failed: 1, skipped: 0 },
    failures: ['nx failed with exit code 1'],
  })
})
