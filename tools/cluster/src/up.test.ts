import { expect, test } from 'vitest'
import { withNeeds } from './addons/addons.ts'
import { isBusy } from './up.ts'

test('asks a busy server again, and takes a refusal for what it is', () => {
  expect(
    isBusy('Error from server (Timeout): Timeout: request did not complete within requested timeout'),
  ).toBe(true)
  expect(isBusy('The Deployment "web" is invalid: spec.selector: Required value')).toBe(false)
})

test('installs what an add-on needs before it, once', () => {
  expect(withNeeds(['flagger', 'gateway']).map(({ name }) => name)).toEqual(['gateway', 'flagger'])
  expect(() => withNeeds(['flager'])).toThrow(
    'flager: no such add-on. There are gateway, flagger, prometheus, keda',
  )
})
