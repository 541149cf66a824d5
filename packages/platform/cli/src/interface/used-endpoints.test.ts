import { describe, expect, it } from 'vitest'
import { usedEndpoints } from './used-endpoints.ts'

const callable = { identity: ['verify', 'account'], search: ['find'] }

describe('usedEndpoints', () => {
  it.each([
    ['a call', 'ctx.calls.identity.verify({ token })', { identity: ['verify'] }],
    ['a call for its result', 'await ctx.calls.identity.verify.result({ token })', { identity: ['verify'] }],
    ['calls through another name of the context', '(c) => c.calls.search.find({})', { search: ['find'] }],
    [
      'two endpoints',
      'a.calls.identity.verify(); b.calls.identity.account()',
      { identity: ['account', 'verify'] },
    ],
    ['nothing', 'export const x = { identity: 1, verify: 2 }', {}],
    ['a declaration is not a call', 'servlet(files, { calls: { identity } }, {})', {}],
    [
      'a client taken out of the context',
      'const { identity } = ctx.calls',
      { identity: ['account', 'verify'] },
    ],
    [
      'a client taken out under another name',
      'const { identity: id } = ctx.calls',
      { identity: ['account', 'verify'] },
    ],
    ['a client passed on', 'helper(ctx.calls.identity)', { identity: ['account', 'verify'] }],
    ['an indexed client', 'ctx.calls.identity[name]({})', { identity: ['account', 'verify'] }],
    ['an indexed set of clients', "ctx.calls['search'].find({})", { search: ['find'] }],
    ['a nested destructuring', 'const { calls: { search: { find } } } = ctx', { search: ['find'] }],
    ['indexed calls', 'ctx.calls[name].verify({})', { identity: ['account', 'verify'], search: ['find'] }],
    ['calls passed on', 'help(ctx.calls)', { identity: ['account', 'verify'], search: ['find'] }],
    [
      'calls taken out and indexed',
      'const { calls } = ctx; calls[name]()',
      { identity: ['account', 'verify'], search: ['find'] },
    ],
    ['calls taken out', 'const { calls } = ctx; calls.search.find({})', { search: ['find'] }],
    ['a comment', '// ctx.calls.identity.verify()', {}],
  ])('finds %s', (_what, source, expected) => {
    expect(usedEndpoints([source], callable)).toEqual(expected)
  })

  it('looks into every file', () => {
    expect(usedEndpoints(['x.identity.verify()', 'x.search.find()'], callable)).toEqual({
      identity: ['verify'],
      search: ['find'],
    })
  })
})
