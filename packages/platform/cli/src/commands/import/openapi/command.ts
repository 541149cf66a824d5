import { Option } from 'commander'
import { type CommandDeclaration, jsonOption, listed } from '../../../declaration.ts'

export const importOpenApiCommand: CommandDeclaration = (group, { cwd, output, run }) => {
  group
    .command('openapi')
    .description(
      'make a servlet of each tag of an OpenAPI description; its answers have the right shape and no meaning',
    )
    .argument('<file>', 'an OpenAPI 3.0 or 3.1 description, in JSON or YAML')
    .option('--tag <tag>', 'only operations with this tag; may be repeated', listed)
    .option('--prefix <path>', 'a path before all routes, as in /github')
    .option('--name-prefix <text>', 'what names of servlets begin with, as in github-')
    .addOption(
      new Option('--access <access>', 'who may call')
        .choices(['public', 'user', 'internal'])
        .default('internal'),
    )
    .option('--owner <team>', 'a team of infra/teams.json; may be left out where there is just one')
    .option('--scope <scope>', 'the npm scope of the packages; that of the other servlets when left out')
    .addOption(jsonOption())
    .action((file: string, options: { access: 'public' | 'user' | 'internal'; json: boolean }) =>
      run(async () => (await import('./import-openapi.ts')).importFile({ cwd, file, ...options }, output)),
    )
}
