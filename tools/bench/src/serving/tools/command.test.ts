import { expect, it } from 'vitest'
import { findCommand } from './command.ts'

it('says how to get what is not there', async () => {
  await expect(findCommand('no-such-load-tool', 'it is in the package x: apt-get install x')).rejects.toThrow(
    'no-such-load-tool is not on the PATH; it is in the package x: apt-get install x',
  )
})

it('finds what is there', async () => {
  expect(await findCommand('sh', '')).toMatch(/^\/.*\/sh$/)
})
