import * as fc from 'fast-check'
import { expect, it } from 'vitest'
import type { Priority } from './priority.ts'
import { Waiting } from './waiting.ts'
import { WaitingRoom } from './waiting-room.ts'

const importance: Record<Priority, number> = { high: 2, normal: 1, low: 0 }
const aPriority = fc.constantFrom<Priority>('high', 'normal', 'low')

const aStep = fc.oneof(
  { weight: 3, arbitrary: fc.record({ does: fc.constant('add' as const), priority: aPriority }) },
  fc.record({ does: fc.constant('take' as const), order: fc.constantFrom('oldest', 'newest') }),
  fc.record({ does: fc.constant('displace' as const), priority: aPriority }),
  fc.record({ does: fc.constant('remove' as const), at: fc.nat() }),
  fc.record({ does: fc.constant('take older' as const), thanMs: fc.nat(60) }),
)

it('does what a sorted list would', () => {
  fc.assert(
    fc.property(fc.array(aStep, { maxLength: 60 }), (steps) => {
      const room = new WaitingRoom()
      let model: Waiting[] = []
      const rank = ({ init }: Waiting) => importance[init.priority]
      const pick = (from: Waiting[], last: boolean) => from.at(last ? -1 : 0)
      steps.forEach((step, sinceMs) => {
        let expected: Waiting | undefined
        let actual: Waiting | undefined
        if (step.does === 'add') {
          const { priority } = step
          const waiting = new Waiting({
            priority,
            sinceMs,
            deadline: undefined,
            signal: undefined,
            leave: () => {},
          })
          room.add(waiting)
          model.push(waiting)
        } else if (step.does === 'take') {
          const highest = Math.max(...model.map(rank))
          expected = pick(
            model.filter((waiting) => rank(waiting) === highest),
            step.order === 'newest',
          )
          actual = room.take(step.order)
        } else if (step.does === 'displace') {
          const lowest = Math.min(...model.map(rank))
          if (lowest < importance[step.priority])
            expected = pick(
              model.filter((waiting) => rank(waiting) === lowest),
              false,
            )
          actual = room.takeLessImportant(step.priority)
        } else if (step.does === 'remove') {
          expected = model[step.at % model.length]
          if (expected) room.remove(expected)
          actual = expected
        } else {
          actual = room.takeOlder(step.thanMs)
          if (actual) expect(actual.init.sinceMs).toBeLessThan(step.thanMs)
          else expect(model.filter(({ init }) => init.sinceMs < step.thanMs)).toEqual([])
          expected = actual
        }
        expect(actual).toBe(expected)
        model = model.filter((waiting) => waiting !== expected)
        expect(room.size).toBe(model.length)
      })
    }),
  )
})
