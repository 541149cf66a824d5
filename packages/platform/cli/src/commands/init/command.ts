import { type CommandDeclaration, jsonOption } from '../../declaration.ts'

export const initCommand: CommandDeclaration = (atlas, { cwd, output, run }) => {
  atlas
    .command('init')
    .description("make a company's workspace in this folder")
    .option('--scope <scope>', 'the npm scope of its packages; from the name of the folder when left out')
    .option('--team <team>', 'the first team', 'web')
    .option('--servlet <name>', 'the first servlet', 'greeter')
    .addOption(jsonOption())
    .action((options: { scope?: string; team: string; servlet: string; json: boolean }) =>
      run(async () => (await import('./init.ts')).init({ cwd, ...options }, output)),
    )
}
