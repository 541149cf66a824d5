#!/usr/bin/env node
import module from 'node:module'

// Node keeps what it compiled in a folder for temporary files, by content: that halves what every command takes.
// The Node of whoever runs `atlas init` may be older, and have none.
module.enableCompileCache?.()

// Who reads may stop early, as head does: that is no error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error
  process.exit(0)
})

// Imported after the cache is there.
const { run } = await import('./program.ts')

// Set, not called: output that is still on its way to a pipe is not cut off.
process.exitCode = await run(process.argv.slice(2))
