export { type CheckReport, checkWorkspace } from './commands/check.ts'
export { run } from './program.ts'
