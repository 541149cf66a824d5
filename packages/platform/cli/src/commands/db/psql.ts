import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { CommandError, exitCode } from '../../exit-code.ts'
import { canAsk } from '../../interaction.ts'
import type { Output } from '../../output.ts'
import { printResult, queryAll } from './query.ts'
import { openShell } from './shell.ts'
import { labelsOf, namedStores, type PlaceOptions, withDatabases } from './stores.ts'

/** Options of `atlas db psql`. */
export interface PsqlOptions extends PlaceOptions {
  readonly store: string
  readonly command?: string
  readonly json: boolean
}

/**
 * `atlas db psql`: the machine's own `psql` on a terminal where it has one, else a small prompt; without a terminal,
 * what standard input says.
 */
export function psql({ store: name, command, json, ...place }: PsqlOptions, output: Output): Promise<number> {
  return withDatabases(place, async (host, stores) => {
    const [store, another] = namedStores([name], stores)
    if (another)
      throw new CommandError(
        `${name} has several: ${labelsOf(stores.filter(({ servlet }) => servlet === name)).join(', ')}; say which`,
        exitCode.usage,
      )
    const { url, database } = await host.prepare(store!)
    if (command === undefined && canAsk(json)) {
      if (!(await ownPsql(url))) await openShell(url, database, output)
      return exitCode.done
    }
    const results = await queryAll(url, command ?? (await text(process.stdin)))
    if (json) output.json({ results })
    else for (const result of results) printResult(result, output)
    return exitCode.done
  })
}

/** Runs the machine's own psql; false where there is none. The password is in its environment, where `ps` shows nothing. */
async function ownPsql(url: string): Promise<boolean> {
  const { hostname, port, username, password, pathname, searchParams } = new URL(url)
  const child = spawn('psql', [], {
    stdio: 'inherit',
    env: {
      ...process.env,
      PGHOST: hostname,
      PGPORT: port || '5432',
      PGUSER: decodeURIComponent(username),
      PGPASSWORD: decodeURIComponent(password),
      PGDATABASE: decodeURIComponent(pathname.slice(1)),
      ...(searchParams.has('sslmode') && { PGSSLMODE: searchParams.get('sslmode')! }),
    },
  })
  // psql takes Ctrl-C for the end of a query, not of the program.
  const ignore = () => {}
  process.on('SIGINT', ignore)
  try {
    await once(child, 'exit')
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false
    throw error
  } finally {
    process.off('SIGINT', ignore)
  }
}
