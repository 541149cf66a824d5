import { execFile, spawnSync } from 'node:child_process'
import { dirname, join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { type Company, newCompany } from './company.ts'

const bin = resolve(import.meta.dirname, '../../../../node_modules/.bin')

async function inShell(shell: string, { root }: Company, script: string): Promise<string[]> {
  const PATH = [dirname(process.execPath), bin, process.env.PATH].join(':')
  const { stdout } = await promisify(execFile)(shell, ['-c', script], {
    cwd: root,
    env: { ...process.env, PATH },
  })
  return stdout.split('\n').filter((line) => line !== '')
}

/** What bash offers at the end of a line, with the function that the script registers for atlas. */
function inBash(company: Company, ...line: string[]): Promise<string[]> {
  const words = ['atlas', ...line].map((word) => `'${word}'`).join(' ')
  return inShell(
    'bash',
    company,
    `source <(atlas completion bash)
complete -p atlas | grep -q -- '-F _atlas' || exit 9
COMP_WORDS=(${words}); COMP_CWORD=${line.length}
_atlas
printf '%s\\n' "\${COMPREPLY[@]}"`,
  )
}

describe('atlas completion', () => {
  it('completes commands, those inside of others, options and their choices in bash', async () => {
    await using company = await newCompany()
    expect(await inBash(company, 'comp')).toEqual(['completion'])
    expect(await inBash(company, 'db', '')).toEqual(expect.arrayContaining(['migrate', 'reset', 'psql']))
    expect(await inBash(company, 'db', 'reset', '--al')).toEqual(['--all'])
    expect(await inBash(company, 'start', '--placement', '')).toEqual(['merged', 'isolated', 'groups'])
    expect(await inBash(company, 'completion', 'f')).toEqual(['fish'])
  })

  it('asks the workspace for servlets and endpoints, and leaves files to bash', async () => {
    await using company = await newCompany()
    expect((await company.atlas('interface')).code).toBe(0)
    expect(await inBash(company, 'graph', 'gr')).toEqual(['greeter'])
    expect(await inBash(company, 'call', 'greeter.')).toEqual(['greeter.greet'])
    expect(await inBash(company, 'call', 'greeter.greet', '--body', '')).toEqual([])
    await company.write('packages/servlets/greeter/interface.json', 'no json')
    expect(await inBash(company, 'graph', '--f')).toEqual(['--format'])
  })

  it('offers what there is without names outside of a workspace', async () => {
    await using company = await newCompany()
    const outside = { ...company, root: dirname(company.root) }
    expect(await inBash(outside, 'graph', 'gr')).toEqual([])
    expect(await inBash(outside, 'call', '--tok')).toEqual(['--token'])
  })

  it('refuses another shell with the ones there are', async () => {
    await using company = await newCompany()
    const { code, stderr } = await company.atlas('completion', 'csh')
    expect(code).toBe(2)
    expect(stderr).toContain('bash, zsh, fish')
  })

  for (const shell of ['zsh', 'fish']) {
    const missing = spawnSync(shell, ['-c', 'true']).status !== 0
    it.skipIf(missing)(`is a script that ${shell} reads${missing ? ` (no ${shell} here)` : ''}`, async () => {
      await using company = await newCompany()
      const { stdout } = await company.atlas('completion', shell)
      await company.write('script', stdout)
      expect(await inShell(shell, company, `${shell} -n ${join(company.root, 'script')}`)).toEqual([])
    })
  }
})
