import { InvalidArgumentError } from 'commander'
import { type CommandDeclaration, jsonOption, port } from '../../../declaration.ts'

export const rolloutSimulateCommand: CommandDeclaration = (rollout, { cwd, output, run }) => {
  rollout
    .command('simulate')
    .description('say what a canary of a servlet would see at its traffic, and simulate some')
    .argument('<servlet>', 'the servlet')
    .option('--rps <number>', 'requests a second; what the running platform counted when left out', positive)
    .option(
      '--failure-rate <share>',
      'requests that fail, as 0.001 or 0.1%; what the running platform counted when left out',
      share,
    )
    .option('--clustering <number>', 'how clustered failures are: 1 when they are independent', atLeastOne, 1)
    .option('--ramp-minutes <minutes>', 'length of the canary; from servlet.json when left out', positive)
    .option('--canaries <count>', 'canaries to simulate for each regression', count, 200)
    .option('--seed <number>', 'the first seed', count, 1)
    .option('--port <port>', 'where the running platform is asked', port)
    .addOption(jsonOption())
    .action((servlet: string, options) =>
      run(async () => (await import('./simulate.ts')).simulate({ cwd, servlet, ...options }, output)),
    )
}

function positive(text: string): number {
  const value = Number(text)
  if (!(value > 0 && value <= 1e7)) throw new InvalidArgumentError('it is a number above 0.')
  return value
}

function atLeastOne(text: string): number {
  const value = Number(text)
  if (!(value >= 1 && value <= 1000)) throw new InvalidArgumentError('it is a number from 1 to 1000.')
  return value
}

function count(text: string): number {
  const value = Number(text)
  if (!Number.isInteger(value) || value < 1 || value > 100_000)
    throw new InvalidArgumentError('it is a whole number from 1 to 100000.')
  return value
}

function share(text: string): number {
  const value = text.endsWith('%') ? Number(text.slice(0, -1)) / 100 : Number(text)
  if (!(value > 0 && value < 1))
    throw new InvalidArgumentError('it is a share between 0 and 1, such as 0.001 or 0.1%.')
  return value
}
