/** How much of the evidence each family of metrics may use; together 1. Failures are what users notice first. */
export const weights = { failures: 0.6, latency: 0.2, refusals: 0.08, cost: 0.07, restarts: 0.05 } as const
