import type { Bench } from './bench.ts'
import { canary } from './canary/bench.ts'
import { interfaces } from './interface/bench.ts'
import { placement } from './placement/bench.ts'
import { provision } from './provision/bench.ts'
import { release } from './release/bench.ts'
import { serving } from './serving/bench.ts'
import { types } from './types/bench.ts'

/** Every bench, by the order in which they are listed. */
export const benches: readonly Bench[] = [serving, types, placement, canary, interfaces, release, provision]
