import { type CommandDeclaration, jsonOption, listed } from '../../../declaration.ts'

export const newLibraryCommand: CommandDeclaration = (group, { cwd, output, run }) => {
  group
    .command('library')
    .description(
      'make a library that servlets may share, with a test; on a terminal, asks for what is left out',
    )
    .argument('[name]', 'lower-case words joined by hyphens')
    .option('--owner <team>', 'a team of infra/teams.json; may be left out where there is just one')
    .option('--scope <scope>', 'the npm scope of its package; that of the servlets when left out')
    .option('--description <sentence>', 'what it is for')
    .option(
      '--visibility <who>',
      'who may import it besides its owner: public, team:NAME or a package; may be repeated (default: nobody)',
      listed,
    )
    .addOption(jsonOption())
    .action((name: string | undefined, options: { json: boolean }) =>
      run(async () => (await import('./new-library.ts')).newLibrary({ cwd, name, ...options }, output)),
    )
}
