import type { CommandDeclaration } from '../../declaration.ts'
import { importOpenApiCommand } from './openapi/command.ts'

export const importCommand: CommandDeclaration = (atlas, context) => {
  const group = atlas.command('import').description('make servlets of what describes another system')
  importOpenApiCommand(group, context)
}
