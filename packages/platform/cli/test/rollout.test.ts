import { expect, it } from 'vitest'
import { newCompany } from './company.ts'

it('says what a canary would see, as text and as one document', async () => {
  await using company = await newCompany()
  const flags = ['--rps', '1000', '--failure-rate', '0.1%', '--canaries', '20']
  const text = await company.atlas('rollout', 'simulate', 'greeter', ...flags)
  expect(text.code).toBe(0)
  expect(text.stdout).toMatch(/this canary sees 2 times as many failures/)
  const json = await company.atlas('rollout', 'simulate', 'greeter', ...flags, '--json')
  expect(JSON.parse(json.stdout)).toMatchObject({
    servlet: 'greeter',
    traffic: { rps: 1000, failureRate: 0.001, dispersion: 1 },
    rampSeconds: 600,
    whenUndecided: 'extend',
    regressions: [{ ratio: 1, rolledBack: 0 }, {}, {}, { ratio: 5, rolledBack: 1 }, {}],
  })
})

it('says what is wrong with what it is told', async () => {
  await using company = await newCompany()
  const simulate = (...args: string[]) => company.atlas('rollout', 'simulate', ...args)
  expect(await simulate('greter')).toMatchObject({
    code: 2,
    stderr: expect.stringContaining("did you mean 'greeter'"),
  })
  expect(await simulate('greeter', '--rps', '-1')).toMatchObject({ code: 2 })
  expect(await simulate('greeter', '--failure-rate', '2')).toMatchObject({ code: 2 })
  expect(await simulate('greeter', '--port', '1')).toMatchObject({
    code: 3,
    stderr: expect.stringContaining('give --rps and --failure-rate'),
  })
})
