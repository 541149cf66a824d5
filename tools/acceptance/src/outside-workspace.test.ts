import { mkdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pack } from '@atlas/tools-pack'
import { expect, it } from 'vitest'
import { newcomer, root } from './newcomer.ts'
import { run, start } from './terminal.ts'

const minuteMs = 60_000

it('a company elsewhere installs the tarballs, makes a workspace and has a servlet that answers', {
  timeout: 15 * minuteMs,
}, async () => {
  await using somebody = await newcomer()
  const tarballs = (await pack({ root, out: join(somebody.folder, 'tarballs') })).map(({ path }) => path)
  const place = { cwd: join(somebody.folder, 'acme'), env: { ...somebody.env, PORT: '0' } }
  await mkdir(place.cwd)
  const must = async (command: string): Promise<string> => {
    const { exitCode, output } = await run(command, place, 6 * minuteMs)
    expect(exitCode, `${command}:\n${output}`).toBe(0)
    return output
  }

  await must('npm init -y')
  await must(`npm install --save-dev ${tarballs.map((path) => `"${path}"`).join(' ')}`)
  expect(await must('npx atlas init')).toContain('wrote packages/servlets/greeter/src/contract.ts')
  await must('npm install')
  expect(await must('node_modules/.bin/node --version')).toMatch(/^v24\./)
  expect(await must('npx atlas interface')).toContain('wrote packages/servlets/greeter/interface.json')
  // The types, the tests and the check of the new workspace.
  expect(await must('npm test')).toMatch(/no findings[\s\S]*Successfully ran targets types, test/)
  // Without nx, which shows only that they passed.
  expect(await must('npm test --workspace packages/servlets/greeter')).toMatch(/Tests +1 passed/)
  await must('npm run types --workspace packages/servlets/greeter')

  const again = await must('npx atlas init')
  expect(again, 'a second init changes nothing').not.toContain('wrote')

  expect(await must('npx atlas new servlet file-links')).toContain(
    'wrote packages/servlets/file-links/interface.json',
  )
  expect(await must('npx nx g @atlas/cli:servlet made-by-nx')).toContain(
    'packages/servlets/made-by-nx/src/contract.ts',
  )
  await must('npx atlas new library shared --visibility public')
  await must('npm install')
  await must('npm test')
  const { dependencies } = JSON.parse(
    await readFile(join(place.cwd, 'packages/servlets/file-links/package.json'), 'utf8'),
  )
  expect(dependencies['@atlas/sdk']).toMatch(/^\^/)

  await using server = start('npm start', place)
  const [, url = ''] = await server.says(
    /Atlas is up at (http:\S+\d): 3 servlets in \d+ ms \(file-links, greeter, made-by-nx\)/,
    minuteMs,
  )
  for (const name of ['greeter', 'file-links', 'made-by-nx']) {
    const answer = await fetch(`${url}/${name}/ada`)
    expect([answer.status, await answer.json()]).toEqual([200, { message: 'Hello ada' }])
  }
  expect(
    JSON.parse(await must(`npx atlas call file-links.greet '{"name": "ada"}' --url ${url} --json`)),
  ).toEqual({
    ok: true,
    value: { message: 'Hello ada' },
  })
  expect(await server.stop()).toBe('interrupted')
})
