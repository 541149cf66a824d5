import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type Newcomer, newcomer, root } from './newcomer.ts'
import { type Place, run } from './terminal.ts'
import { Walk } from './walk.ts'

const minuteMs = 60_000

let somebody: Newcomer
let clone: Place

beforeAll(async () => {
  somebody = await newcomer()
  // As it is committed: what is not committed, nobody else gets.
  const cloned = await run(
    `git clone --quiet "${root}" atlas`,
    { ...somebody, cwd: somebody.folder },
    minuteMs,
  )
  expect(cloned.exitCode, cloned.output).toBe(0)
  clone = { cwd: join(somebody.folder, 'atlas'), env: somebody.env }
}, 2 * minuteMs)

afterAll(() => somebody?.[Symbol.asyncDispose]())

it('your first servlet, in a fresh clone with an empty home', { timeout: 15 * minuteMs }, async () => {
  await walkThrough('docs/guides/your-first-servlet.md')
})

it('moving an existing app in, in the same clone', { timeout: 10 * minuteMs }, async () => {
  await walkThrough('docs/guides/moving-an-existing-app-in.md')
})

async function walkThrough(guide: string): Promise<void> {
  await using walk = new Walk(guide, clone)
  const began = performance.now()
  await walk.through()
  const seconds = Math.round((performance.now() - began) / 1000)
  console.log(`${guide}: ${walk.commands} commands in ${seconds} s`)
  expect(walk.commands).toBeGreaterThan(8)
  expect(await walk.stop()).toBe('interrupted')
}
