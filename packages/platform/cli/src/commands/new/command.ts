import type { CommandDeclaration } from '../../declaration.ts'
import { newLibraryCommand } from './library/command.ts'
import { newServletCommand } from './servlet/command.ts'

export const newCommand: CommandDeclaration = (atlas, context) => {
  const group = atlas.command('new').description('make something new in the workspace')
  newServletCommand(group, context)
  newLibraryCommand(group, context)
}
