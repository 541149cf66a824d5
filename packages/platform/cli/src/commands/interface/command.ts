import { type CommandDeclaration, jsonOption } from '../../declaration.ts'

export const interfaceCommand: CommandDeclaration = (atlas, { cwd, output, run }) => {
  atlas
    .command('interface')
    .description('write interface.json of the named servlets, or of all')
    .argument('[servlets...]')
    .addOption(jsonOption())
    .action((servlets: string[], options: { json: boolean }) =>
      run(async () =>
        (await import('./write-interfaces.ts')).writeInterfaces({ cwd, servlets, ...options }, output),
      ),
    )
}
