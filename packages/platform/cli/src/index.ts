export { type CheckReport, checkWorkspace } from './commands/check/check.ts'
export { run } from './program.ts'
