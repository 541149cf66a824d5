import { once } from 'node:events'
import { availableParallelism } from 'node:os'
import { Worker } from 'node:worker_threads'
import type { Cell } from './cells.ts'
import type { CellOutcomes } from './run-cell.ts'

/** Runs cells on all cores, in the order they are given, and resolves to their outcomes in that order. */
export async function runCells(
  cells: readonly Cell[],
  othersEvery: number,
  progress: (text: string) => void,
): Promise<CellOutcomes[]> {
  const results: CellOutcomes[] = []
  let next = 0
  let done = 0
  const work = async (): Promise<void> => {
    const worker = new Worker(new URL('./worker.ts', import.meta.url))
    try {
      while (next < cells.length) {
        const index = next++
        const answer = once(worker, 'message')
        worker.postMessage({ cell: cells[index], othersEvery })
        const [outcomes] = (await answer) as [CellOutcomes]
        results[index] = outcomes
        const { name, rps, failureRate } = cells[index]!.scenario
        progress(
          `${++done} of ${cells.length}: ${name}, ${rps} requests a second, ${failureRate * 100} % failing`,
        )
      }
    } finally {
      await worker.terminate()
    }
  }
  await Promise.all(Array.from({ length: Math.min(availableParallelism(), cells.length) }, work))
  return results
}
