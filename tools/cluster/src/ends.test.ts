import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { endsOf, parseEnds, watchEnds } from './ends.ts'

const folder = await mkdtemp(join(tmpdir(), 'atlas-ends-'))
afterAll(() => rm(folder, { recursive: true, force: true }))
const identity = { name: 'test', id: 'atlas-0', folder }

const line = (component: string, how = 'status 1, signal -1') =>
  `2026/11/25 10:00:00 ${component} ended (${how}), starts again\n`

test('reads which components ended, how often and how', () => {
  const log = `${line('kwok')}2026/11/25 10:00:01 kwok is pid 12 here\n${line('kubelet')}${line('kwok', 'could not be started: fork/exec /x (y): no such file')}`
  expect(parseEnds(log)).toEqual([
    { component: 'kwok', times: 2, last: 'could not be started: fork/exec /x (y): no such file' },
    { component: 'kubelet', times: 1, last: 'status 1, signal -1' },
  ])
})

test('gives up on a component that ends again and again from now on, with the end of its log', async () => {
  expect(await endsOf(identity)).toEqual([])
  await mkdir(join(folder, 'log'))
  const supervise = join(folder, 'log', 'supervise.log')
  const before = line('etcd').repeat(50) + line('kubelet')
  await writeFile(supervise, before)
  await writeFile(join(folder, 'log', 'kwok.log'), 'Error: unknown flag: --nonsense\n')
  const unless = await watchEnds(identity)
  await unless()
  // What it needs may not be there at once.
  await writeFile(supervise, before + line('kwok').repeat(3))
  await unless()
  await writeFile(supervise, before + line('kwok').repeat(10))
  await expect(unless()).rejects.toThrow(
    /kwok ended 10 times and is started again each time \(status 1, signal -1\)[\s\S]*unknown flag: --nonsense/,
  )
})
