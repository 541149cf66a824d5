import { Option } from 'commander'
import { type CommandDeclaration, jsonOption } from '../../declaration.ts'

export const graphCommand: CommandDeclaration = (atlas, { cwd, output, run }) => {
  atlas
    .command('graph')
    .description('show which servlets call which endpoints of others')
    .argument('[servlet]', 'only what it calls, and who calls it')
    .addOption(
      new Option('--format <format>', 'how to write it')
        .choices(['text', 'mermaid', 'dot', 'json'])
        .default('text'),
    )
    .addOption(jsonOption())
    .action(
      (
        servlet: string | undefined,
        options: { format: 'text' | 'mermaid' | 'dot' | 'json'; json: boolean },
      ) => run(async () => (await import('./graph.ts')).graph({ cwd, servlet, ...options }, output)),
    )
}
