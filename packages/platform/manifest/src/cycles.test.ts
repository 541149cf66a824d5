import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { cyclesOf } from './cycles.ts'

const node = fc.constantFrom(...'abcdefgh')
const graphs = fc.array(fc.tuple(node, node), { maxLength: 14 }).map((pairs) => {
  const edges = new Map<string, string[]>()
  for (const [from, to] of pairs) edges.set(from, [...(edges.get(from) ?? []), to])
  return edges
})

describe('cycles', () => {
  it('are shown once for each knot, from its first name, the short way', () => {
    const edges = new Map([
      ['c', ['a']],
      ['a', ['b']],
      ['b', ['c', 'a']],
      ['x', ['x', 'a']],
      ['y', ['x']],
    ])
    expect(cyclesOf(edges)).toEqual([
      ['a', 'b', 'a'],
      ['x', 'x'],
    ])
  })

  it('follow edges, and are found exactly where a node reaches itself', () => {
    fc.assert(
      fc.property(graphs, (edges) => {
        const cycles = cyclesOf(edges)
        for (const cycle of cycles)
          for (const [index, to] of cycle.slice(1).entries()) expect(edges.get(cycle[index]!)).toContain(to)
        for (const cycle of cycles) expect(cycle.at(-1)).toBe(cycle[0])
        const reaching = [...edges.keys()].some((start) => reachable(edges, start).has(start))
        expect(cycles.length > 0).toBe(reaching)
      }),
    )
  })

  it('do not depend on the order of nodes and edges', () => {
    fc.assert(
      fc.property(graphs, (edges) => {
        const reversed = new Map([...edges].reverse().map(([from, to]) => [from, [...to].reverse()]))
        expect(cyclesOf(reversed)).toEqual(cyclesOf(edges))
      }),
    )
  })

  it('of a hundred thousand do not exhaust the stack', () => {
    const count = 100_000
    const edges = new Map(
      Array.from({ length: count }, (_, index) => [String(index), [String((index + 1) % count)]]),
    )
    expect(cyclesOf(edges)[0]).toHaveLength(count + 1)
  })
})

function reachable(edges: ReadonlyMap<string, readonly string[]>, start: string): Set<string> {
  const reached = new Set(edges.get(start))
  for (const at of reached) for (const to of edges.get(at) ?? []) reached.add(to)
  return reached
}
