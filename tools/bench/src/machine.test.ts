import { expect, test } from 'vitest'
import { watchOthers } from './machine.ts'

test('says what others take of the CPUs, in percent of all', async () => {
  const others = watchOthers()
  await new Promise((resolve) => setTimeout(resolve, 200))
  const percent = others()
  if (process.platform !== 'linux') expect(percent).toBeUndefined()
  else {
    expect(percent).toBeGreaterThanOrEqual(0)
    expect(percent).toBeLessThanOrEqual(100)
  }
})
