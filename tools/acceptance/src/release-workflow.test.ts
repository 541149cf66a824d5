import { execFile } from 'node:child_process'
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'
import { root } from './newcomer.ts'

const run = promisify(execFile)
const workflow = await readFile(join(root, 'docs/guides/release-workflow.yml'), 'utf8')
const command = /^\s+run: (npx atlas .+)$/m.exec(workflow)![1]!

it('the workflow to copy says what atlas understands, and has what a release reads', async () => {
  const [, args] = /^npx atlas (.+?)(?: \|\| .*)?$/.exec(command)!
  const bin = join(root, 'packages/platform/cli/src/bin.ts')
  const { stdout } = await run(process.execPath, [bin, ...args!.split(' '), '--help'])
  for (const flag of args!.match(/--[\w-]+/g) ?? []) expect(stdout).toContain(flag)
  // Tags and history; pushes of commits and tags; one after the other; the folder of digests.
  for (const line of [
    'fetch-depth: 0',
    'contents: write',
    'cancel-in-progress: false',
    '.atlas/release/digests',
  ])
    expect(workflow).toContain(line)
}, 60_000)

it('the workflow fails when a release does, and not when something only waits', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'atlas-workflow-'))
  try {
    const npx = join(folder, 'npx')
    await writeFile(npx, '#!/bin/sh\nexit "$CODE"\n')
    await chmod(npx, 0o755)
    const codeOf = async (code: number) => {
      const env = { ...process.env, PATH: `${folder}${delimiter}${process.env.PATH}`, CODE: String(code) }
      const ended = await run('bash', ['-e', '-c', command], { env }).then(
        () => 0,
        (error: { code: number }) => error.code,
      )
      return ended === 0
    }
    expect(await Promise.all([0, 1, 2, 3, 4].map(codeOf))).toEqual([true, false, false, false, true])
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
})
