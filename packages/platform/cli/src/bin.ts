#!/usr/bin/env node
import { run } from './program.ts'

// Set, not called: output that is still on its way to a pipe is not cut off.
process.exitCode = await run(process.argv.slice(2))
