import { execFileSync } from 'node:child_process'
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { script } from './home.ts'

const folder = await mkdtemp(join(tmpdir(), 'atlas-home-'))
afterAll(() => rm(folder, { recursive: true, force: true }))

async function workspace(name: string): Promise<string> {
  const root = join(folder, name)
  const main = join(root, 'node_modules/@atlas/tools-pulumi-kubernetes/src/main.ts')
  const node = join(root, 'node_modules/node/bin/node')
  for (const file of [main, node]) await mkdir(dirname(file), { recursive: true })
  await writeFile(main, '')
  await writeFile(node, `#!/bin/sh\necho ${name} "$2"\n`)
  await chmod(node, 0o755)
  return root
}

test('runs the stand-in of the workspace that the program is in, else that of where it was made', async () => {
  const here = await workspace('here')
  const there = await workspace('there')
  const path = join(folder, 'command')
  await writeFile(path, script('main.ts', here), { mode: 0o755 })
  const program = join(there, 'infra/fleet')
  await mkdir(program, { recursive: true })
  const run = (cwd: string) => execFileSync(path, ['127.0.0.1:1'], { cwd }).toString()
  expect(run(program)).toBe('there 127.0.0.1:1\n')
  expect(run(tmpdir())).toBe('here 127.0.0.1:1\n')
})
