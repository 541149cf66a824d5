#!/usr/bin/env node
import { run } from './program.ts'

// Who reads may stop early, as head does: that is no error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error
  process.exit(0)
})

// Set, not called: output that is still on its way to a pipe is not cut off.
process.exitCode = await run(process.argv.slice(2))
