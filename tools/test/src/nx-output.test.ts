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

function read(output: string, exitCode: number, errors = '') {
  const nx = new NxOutput()
  for (const line of output.split('\n')) nx.line(line)
  for (const line of errors.split('\n')) nx.line(line, 'stderr')
  return nx.result(exitCode)
}

test('adds up the packages, those from the cache too', () => {
  expect(read(passed, 0)).toEqual({ counts: { passed: 15, failed: 0, skipped: 1 }, failures: [] })
})

test('counts a failed types task, which has no count of its own, as one failure', () => {
  const output = `> nx run a:types

> nx run a:test

a: 2 passed, 0 failed, 0 skipped

 NX   Running targets types, test for project a failed

Failed tasks:

- a:types

  Run duration:      2.4s
`
  expect(read(output, 1)).toEqual({
    counts: { passed: 2, failed: 1, skipped: 0 },
    failures: ['types of a failed'],
  })
})

test('reads the failed tasks from stderr, where nx names them, while a task still prints', () => {
  const errors = ' NX   Running target types for project a failed\n\nFailed tasks:\n\n- a:types\n'
  expect(read('> nx run a:types\n', 1, errors)).toEqual({
    counts: { passed: 0, failed: 1, skipped: 0 },
    failures: ['types of a failed'],
  })
})

test('counts failing tests once, not again for their failed task', () => {
  const output = `> nx run a:test

a: 2 passed, 3 failed, 0 skipped

 NX   Running target test for project a failed

Failed tasks:

- a:test
`
  expect(read(output, 1)).toEqual({
    counts: { passed: 2, failed: 3, skipped: 0 },
    failures: ['test of a: 3 failed'],
  })
})

test('counts a test task that crashed before it counted as one failure, beside what other packages counted', () => {
  const output = `> nx run a:test

Error: Failed to load custom Reporter

> nx run b:test

b: 1 passed, 0 failed, 0 skipped

 NX   Running target test for 2 projects failed

Failed tasks:

- a:test
`
  expect(read(output, 1)).toEqual({
    counts: { passed: 1, failed: 1, skipped: 0 },
    failures: ['test of a failed'],
  })
})

test('counts tests that passed and yet exited with an error', () => {
  const output = `> nx run a:test

a: 2 passed, 0 failed, 0 skipped

 NX   Running target test for project a failed

Failed tasks:

- a:test
`
  expect(read(output, 1).counts).toEqual({ passed: 2, failed: 1, skipped: 0 })
})

test('takes a test task that says nothing and exits well for a failure', () => {
  expect(read('> nx run a:test\n\n NX   Successfully ran target test for project a\n', 0)).toEqual({
    counts: { passed: 0, failed: 1, skipped: 0 },
    failures: ['test of a ended without a count'],
  })
})

test('ignores the line of another package in what a test printed', () => {
  const output = `> nx run a:test

b: 100 passed, 0 failed, 0 skipped

a: 1 passed, 0 failed, 0 skipped
`
  expect(read(output, 0).counts).toEqual({ passed: 1, failed: 0, skipped: 0 })
})

test('does not take a list in the output of a test for failed tasks', () => {
  const output = `> nx run a:test

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
