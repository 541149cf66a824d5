import { AtlasError } from '@atlas/contract'
import { expect, it } from 'vitest'
import { createCallTokens } from './call-tokens.ts'
import { tokensHeld } from './tokens-held.ts'

it('asks once for a token that many calls need', async () => {
  const tokens = await createCallTokens()
  let asked = 0
  const tokenOf = tokensHeld(async (caller, callee) => {
    asked++
    return tokens.issue(caller, callee)
  })
  const all = await Promise.all(Array.from({ length: 20 }, () => tokenOf('files', 'identity')))
  expect([new Set(all).size, asked]).toEqual([1, 1])
  expect(await tokens.callerOf(all[0], 'identity')).toBe('files')
  expect(await tokenOf('files', 'sharing')).not.toBe(all[0])
  expect(await tokenOf('search', 'identity')).not.toBe(all[0])
  expect(asked).toBe(3)
})

it('asks again before a token expires', async () => {
  const [short, long] = await Promise.all([createCallTokens({ lifetimeMs: -60_000 }), createCallTokens()])
  let asked = 0
  const tokenOf = tokensHeld((caller, callee) => (asked++ === 0 ? short : long).issue(caller, callee))
  const first = await tokenOf('files', 'identity')
  const [second, third] = await Promise.all([tokenOf('files', 'identity'), tokenOf('files', 'identity')])
  expect(first).not.toBe(second)
  expect([third, asked]).toEqual([second, 2])
})

it('refuses what is not declared, until it is', async () => {
  const tokens = await createCallTokens()
  let declared = false
  const tokenOf = tokensHeld(async (caller, callee) => (declared ? tokens.issue(caller, callee) : undefined))
  const error = await tokenOf('files', 'identity').catch((reason: unknown) => reason)
  expect(error).toBeInstanceOf(AtlasError)
  expect(error).toMatchObject({
    code: 'permission_denied',
    message: expect.stringContaining('add the package of identity to dependencies in package.json of files'),
  })
  declared = true
  expect(await tokens.callerOf(await tokenOf('files', 'identity'), 'identity')).toBe('files')
})
