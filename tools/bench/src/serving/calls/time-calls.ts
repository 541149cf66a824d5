/** What calls cost. */
export interface CallCost {
  /** From one call to the next, each awaited. */
  readonly usPerCall: number
  /** What this process used of a core for each. */
  readonly cpuUsPerCall: number
  readonly calls: number
}

/** Awaits calls one after the other, for so long after as long a warm-up. */
export async function timeCalls(call: () => Promise<unknown>, seconds: number): Promise<CallCost> {
  await callFor(call, seconds)
  const before = process.cpuUsage()
  const startedAt = performance.now()
  const calls = await callFor(call, seconds)
  const us = (performance.now() - startedAt) * 1000
  const { user, system } = process.cpuUsage(before)
  return {
    usPerCall: Number((us / calls).toPrecision(4)),
    cpuUsPerCall: Number(((user + system) / calls).toPrecision(4)),
    calls,
  }
}

async function callFor(call: () => Promise<unknown>, seconds: number): Promise<number> {
  const until = performance.now() + seconds * 1000
  let calls = 0
  while (performance.now() < until)
    for (let batch = 0; batch < 50; batch++) {
      await call()
      calls++
    }
  return calls
}
