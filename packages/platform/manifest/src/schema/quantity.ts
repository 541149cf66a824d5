import * as z from 'zod'

const cpuPattern = /^([1-9]\d*m|\d+(\.\d{1,3})?)$/
const memoryPattern = /^([1-9]\d*)(Mi|Gi)$/
const leastMemoryMiB = 64
const mostCores = 64

/** Thousandths of a core in a CPU quantity: `250m` is 250, `1.5` is 1500. */
export function cpuMillis(quantity: string): number {
  return quantity.endsWith('m') ? Number(quantity.slice(0, -1)) : Math.round(Number(quantity) * 1000)
}

/** MiB in a memory quantity: `256Mi` is 256, `2Gi` is 2048. */
export function memoryMiB(quantity: string): number {
  return Number(quantity.slice(0, -2)) * (quantity.endsWith('Gi') ? 1024 : 1)
}

/** A number of cores as Kubernetes writes it. */
export const cpuQuantity = z
  .string()
  .regex(cpuPattern, { error: ({ input }) => `'${input}' is not an amount of CPU`, abort: true })
  .refine((quantity) => cpuMillis(quantity) > 0, 'is no CPU at all')
  .refine((quantity) => cpuMillis(quantity) <= mostCores * 1000, {
    error: ({ input }) => `'${input}' is more cores than a machine has to give`,
    params: { remedy: 'thousandths of a core end in m, as in 250m' },
  })
  .meta({ examples: ['250m', '1.5'] })

/**
 * An amount of memory as Kubernetes writes it, in Mi and Gi only: there, `256m` is a quarter of a byte and `256` is 256
 * bytes, and nobody who wrote one of these meant it.
 */
export const memoryQuantity = z
  .string()
  .regex(memoryPattern, {
    error: ({ input }) => `'${input}' is not an amount of memory in Mi or Gi`,
    abort: true,
  })
  .refine((quantity) => memoryMiB(quantity) >= leastMemoryMiB, {
    error: ({ input }) => `'${input}' is less than Node needs to start`,
    params: { remedy: `ask for ${leastMemoryMiB}Mi or more` },
  })
  .meta({ examples: ['256Mi', '2Gi'] })
