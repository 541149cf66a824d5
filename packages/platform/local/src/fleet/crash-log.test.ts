import { describe, expect, it } from 'vitest'
import { CrashLog } from './crash-log.ts'

function clock() {
  let now = 0
  return { log: new CrashLog(() => now), pass: (ms: number) => (now += ms) }
}

describe('a process that ends', () => {
  it('now and then is started again each time', () => {
    const { log, pass } = clock()
    for (let times = 0; times < 20; times++) {
      expect(log.ended('crashed')).toBe(undefined)
      pass(6000)
    }
  })

  it('three times within ten seconds is left alone, longer each time, up to a minute', () => {
    const { log, pass } = clock()
    const pauses: unknown[] = []
    for (let loops = 0; loops < 6; loops++) {
      log.ended('crashed')
      pass(100)
      log.ended('crashed')
      pauses.push(log.ended('crashed')?.pauseMs)
      pass(60_000)
    }
    expect(pauses).toEqual([5000, 10_000, 20_000, 40_000, 60_000, 60_000])
  })

  it('by a kill is started again at once, unless that is a loop, too', () => {
    const { log, pass } = clock()
    const pauses: unknown[] = []
    for (let times = 0; times < 10; times++) {
      pass(100)
      pauses.push(log.ended('killed')?.pauseMs)
    }
    expect(pauses).toEqual([...Array(9).fill(undefined), 5000])
    expect(log.ended('killed')).toBe(undefined)
    log.ended('crashed')
    log.ended('crashed')
    expect(log.ended('crashed')?.times).toBe(3)
  })

  it('begins anew when it was changed', () => {
    const { log } = clock()
    log.ended('crashed')
    log.ended('crashed')
    log.forget()
    expect(log.ended('crashed')).toBe(undefined)
    expect([log.failed(), log.failed()]).toEqual([1000, 2000])
    log.forget()
    expect(log.failed()).toBe(1000)
  })
})
