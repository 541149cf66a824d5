import { createInterface } from 'node:readline/promises'
import { withClient } from '@atlas/postgres'
import type { Output } from '../../output.ts'
import { printResult, resultsOf } from './query.ts'

/** A prompt for SQL, for machines without `psql`: statements end with a semicolon, the prompt with Ctrl-D or `\q`. */
export async function openShell(url: string, database: string, output: Output): Promise<void> {
  output.note(`${database}: end statements with ';', and this with \\q`)
  await withClient(url, async (client) => {
    const lines = createInterface({ input: process.stdin, output: process.stdout })
    let sql = ''
    lines.setPrompt(`${database}=> `)
    lines.prompt()
    for await (const line of lines) {
      if (sql === '' && /^\s*(\\q|exit|quit)\s*;?\s*$/.test(line)) break
      sql += `${line}\n`
      if (!/;\s*$/.test(line)) {
        if (sql.trim() === '') sql = ''
        lines.setPrompt(sql === '' ? `${database}=> ` : `${database}-> `)
        lines.prompt()
        continue
      }
      try {
        for (const result of await resultsOf(client, sql)) printResult(result, output)
      } catch (error) {
        output.note(`error: ${(error as Error).message}`)
      }
      sql = ''
      lines.setPrompt(`${database}=> `)
      lines.prompt()
    }
    lines.close()
  })
}
