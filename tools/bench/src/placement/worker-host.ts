/** Starts so many plain servers as worker threads of this process, and says their ports. */
import { Worker } from 'node:worker_threads'

const ports: number[] = []
for (let index = 0; index < Number(process.argv[2]); index++) {
  const worker = new Worker(new URL('./plain-server.ts', import.meta.url))
  ports.push(await new Promise<number>((resolve) => worker.once('message', resolve)))
}
process.stdout.write(`ports ${ports.join(',')}\n`)
process.on('disconnect', () => process.exit())
