import { expect, it } from 'vitest'
import { commandHelps, exitCodesInSources } from '../sources/cli-help.ts'
import { exitCodes } from './cli-page.ts'

it('names every exit code that the sources declare', async () => {
  expect(Object.fromEntries(exitCodes.map(({ name, value }) => [name, value]))).toEqual(
    await exitCodesInSources(),
  )
})

// Each command is asked for its help, by itself.
it('finds the commands, those inside of others too', { timeout: 240_000 }, async () => {
  const names = (await commandHelps()).map(({ name }) => name)
  expect(names).toEqual(expect.arrayContaining(['atlas', 'atlas check', 'atlas start', 'atlas new servlet']))
})
