import type { CommandDeclaration } from '../../declaration.ts'
import { rolloutSimulateCommand } from './simulate/command.ts'

export const rolloutCommand: CommandDeclaration = (atlas, context) => {
  const rollout = atlas.command('rollout').description('what canaries of releases do')
  rolloutSimulateCommand(rollout, context)
}
