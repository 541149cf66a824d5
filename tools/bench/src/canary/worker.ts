import { parentPort } from 'node:worker_threads'
import type { Cell } from './cells.ts'
import { runCell } from './run-cell.ts'

parentPort!.on('message', ({ cell, othersEvery }: { cell: Cell; othersEvery: number }) => {
  parentPort!.postMessage(runCell(cell, othersEvery))
})
