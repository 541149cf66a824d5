import { spawn } from 'node:child_process'
import { once } from 'node:events'
import type { PackageFacts } from '../plan/facts.ts'

/** The packages whose tests a release has to pass: the servlet's own, and those of the servlets that call it. */
export function testsFor(servlet: string, packages: readonly PackageFacts[]): string[] {
  return packages
    .filter((pkg) => pkg.servlet && (pkg.servlet.name === servlet || pkg.servlet.calls.includes(servlet)))
    .map(({ name }) => name)
    .sort()
}

/** Runs the tests of a package, as its script `test` says; resolves to undefined when they pass, else to the end of what they say. */
export async function runTests(root: string, packageName: string): Promise<string | undefined> {
  const child = spawn('npm', ['run', 'test', '--if-present', `--workspace=${packageName}`], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let said = ''
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => {
      said = (said + text).slice(-2000)
    })
  const [code] = (await once(child, 'close')) as [number | null]
  return code === 0 ? undefined : said.trim()
}
