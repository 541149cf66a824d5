import { accounts } from './accounts.ts'
import type { ProductCase } from './case.ts'
import { files } from './files.ts'
import { reading } from './reading.ts'
import { sharing } from './sharing.ts'
import { wires } from './wires.ts'

export type { At, ProductCase } from './case.ts'

/** What the product does, however its servlets are placed: the same cases for one process and for many. */
export const productCases: readonly ProductCase[] = [...accounts, ...files, ...sharing, ...reading, ...wires]
