import type { RolloutOrder } from '@atlas/interface'

/** A servlet that goes out, and whom of the others it calls. */
export interface Going {
  readonly name: string
  readonly calls: readonly string[]
  /** How its old and new callers get along with it. @default 'any' */
  readonly order?: RolloutOrder
}

/**
 * The waves in which servlets go out: who is called goes before its callers, unless its comparison says that callers go
 * first. Servlets that wait for each other in a circle go together. Inside a wave by name.
 */
export function wavesOf(going: readonly Going[]): string[][] {
  const names = new Set(going.map(({ name }) => name))
  const orders = new Map(going.map(({ name, order }) => [name, order]))
  const before = new Map<string, Set<string>>(going.map(({ name }) => [name, new Set()]))
  for (const { name, calls } of going)
    for (const called of calls) {
      if (!names.has(called) || called === name) continue
      if (orders.get(called) === 'callers-first') before.get(called)!.add(name)
      else before.get(name)!.add(called)
    }
  const waves: string[][] = []
  const left = new Set([...names].sort())
  while (left.size > 0) {
    const free = [...left].filter((name) => [...before.get(name)!].every((each) => !left.has(each)))
    const wave = free.length > 0 ? free : [...left]
    waves.push(wave)
    for (const name of wave) left.delete(name)
  }
  return waves
}

/**
 * The waves of a release of everybody, which no single servlet's order is about: one servlet, a tenth of them, the rest;
 * within that, who is called before its callers.
 */
export function wavesOfEverybody(going: readonly Going[]): string[][] {
  const order = wavesOf(going)
  const flat = order.flat()
  const edges = [1, 1 + Math.ceil((flat.length - 1) / 10), flat.length]
  const part = (at: number) => edges.findIndex((edge) => at < edge)
  const waves: string[][] = []
  let at = 0
  for (const wave of order) {
    const parts = new Map<number, string[]>()
    for (const name of wave) {
      const group = parts.get(part(at)) ?? []
      group.push(name)
      parts.set(part(at), group)
      at += 1
    }
    waves.push(...parts.values())
  }
  return waves
}
