/** Starts so many plain servers as worker threads of this process, two at once, and says their ports. */
import { Worker } from 'node:worker_threads'

const count = Number(process.argv[2])
const ports: number[] = []
let started = 0
const startNext = async () => {
  while (started++ < count) {
    const worker = new Worker(new URL('./plain-server.ts', import.meta.url))
    ports.push(await new Promise<number>((resolve) => worker.once('message', resolve)))
  }
}
await Promise.all([startNext(), startNext()])
process.stdout.write(`ports ${ports.join(',')}\n`)
process.on('disconnect', () => process.exit())
