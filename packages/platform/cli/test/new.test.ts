import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Company, newCompany, run, textsIn } from './company.ts'

const timeout = 240_000
const clean = { code: 0, stdout: '', stderr: '' }

/** For what is refused: it is as it was, afterwards. */
let untouched: Company
let texts: Record<string, string>

beforeAll(async () => {
  untouched = await newCompany()
  texts = await textsIn(untouched.root)
}, timeout)

afterAll(async () => {
  expect(await textsIn(untouched.root)).toEqual(texts)
  await untouched[Symbol.asyncDispose]()
})

describe('atlas new servlet', () => {
  it('makes a servlet that fits the workspace', async () => {
    await using company = await newCompany()
    const made = await company.atlas('new', 'servlet', 'file-links', '--json')
    expect(made).toMatchObject({ code: 0, stderr: '' })
    expect(JSON.parse(made.stdout)).toMatchObject({ servlet: 'file-links' })
    expect(JSON.parse(await company.read('packages/servlets/file-links/package.json'))).toMatchObject({
      name: '@acme/file-links',
    })
    expect(JSON.parse(await company.read('packages/servlets/file-links/servlet.json'))).toMatchObject({
      owner: 'web',
    })
    await company.atlas('interface')
    expect(await company.atlas('check')).toMatchObject({ code: 0 })
    expect(await run('tsc', ['-p', '.'], `${company.root}/packages/servlets/file-links`)).toMatchObject({
      code: 0,
      stdout: '',
    })
  })

  it('makes working code of a name that JavaScript keeps for itself', async () => {
    await using company = await newCompany()
    expect(await company.atlas('new', 'servlet', 'delete')).toMatchObject({ code: 0 })
    expect(await run('tsc', ['-p', '.'], `${company.root}/packages/servlets/delete`)).toMatchObject({
      code: 0,
      stdout: '',
    })
  })

  it.each([
    ['a name that is none', ['Bad_Name'], 2, `'Bad_Name' is not a servlet name`],
    ['a team that is not there', ['links', '--owner', 'wbe'], 2, `did you mean 'web'?`],
    ['a scope that is none', ['links', '--scope', 'acme'], 2, 'write it as @acme'],
    ['a servlet that exists', ['greeter'], 1, 'packages/servlets/greeter exists already'],
    ['no name', [], 2, "missing required argument 'name'"],
  ])('refuses %s', async (_what, args, code, message) => {
    const result = await untouched.atlas('new', 'servlet', ...args)
    expect(result.code).toBe(code)
    expect(result.stderr).toContain(message)
  })
})

describe('atlas new servlet with everything', () => {
  it('makes what was asked for: it type-checks, passes its test and has no findings', {
    timeout,
  }, async () => {
    await using company = await newCompany()
    const words = (text: string) => text.split(' ')
    const made = await company.atlas(
      'new',
      'servlet',
      'links',
      ...words('--endpoint make --route POST\u00a0/links/{id} --access internal').map((word) =>
        word.replace('\u00a0', ' '),
      ),
      ...words('--store content=blobs --config maxLinks=5 --config kinds=["a","b"] --calls greeter'),
      ...['--secret', 'signKey=signs links', '--callers', 'greeter', '--description', 'Links to files.'],
    )
    expect(made).toMatchObject({ code: 0, stderr: '' })
    const dir = 'packages/servlets/links'
    expect(JSON.parse(await company.read(`${dir}/servlet.json`))).toMatchObject({
      owner: 'web',
      description: 'Links to files.',
      stores: { content: { blobs: {} } },
      config: { maxLinks: 5, kinds: ['a', 'b'] },
      secrets: { signKey: 'signs links' },
      callers: ['greeter'],
    })
    expect(JSON.parse(await company.read(`${dir}/package.json`)).dependencies).toMatchObject({
      '@acme/greeter': '*',
    })
    expect(JSON.parse(await company.read(`${dir}/interface.json`)).endpoints).toMatchObject({
      make: { route: 'POST /links/{id}', access: 'internal' },
    })
    const folder = join(company.root, dir)
    expect(await run('tsc', ['-p', '.'], folder)).toEqual(clean)
    const config = ['run', '--config', '../../../vitest.config.ts', '--root', '.']
    expect(await run('vitest', config, folder)).toMatchObject({ code: 0 })
    await company.atlas('interface')
    expect(await company.atlas('check')).toMatchObject({ code: 0 })
  })

  it.each([
    ['a kind of store that is none', '--store a=postgrs', 2, `did you mean 'postgres'?`],
    ['a store without a kind', '--store a', 2, 'write it as in links=postgres'],
    ['an access that is none', '--access pubic', 2, `did you mean 'public'?`],
    ['an endpoint that is none', '--endpoint Make-It', 2, 'write it in camelCase'],
    ['a route that is none', '--route GET/x', 2, "write it as in 'GET /greet/{name}'"],
    ['a callee that is not there', '--calls greter', 2, `did you mean 'greeter'?`],
    ['a caller that is not there', '--callers nobody', 1, `there is no servlet 'nobody'`],
    ['a config value without a type', '--config a=null', 1, 'config.a: is null'],
    ['a secret with a bad name', '--secret A=b', 1, 'is not a name in camelCase'],
    ['the same store twice', '--store a=blobs --store a=blobs', 2, `--store names 'a' twice`],
    ['an option that is none', '--ownr web', 2, '(Did you mean --owner?)'],
  ])('refuses %s before anything is written', async (_what, args, code, message) => {
    const result = await untouched.atlas('new', 'servlet', 'links', ...args.split(' '), '--json')
    expect(result.code).toBe(code)
    expect(result.stderr).toContain(message)
    expect(JSON.parse(result.stdout)).toMatchObject({ error: { message: expect.any(String) } })
    expect(await textsIn(untouched.root)).toEqual(texts)
  })

  it('refuses a route that another servlet answers', async () => {
    await using company = await newCompany()
    await company.atlas('interface')
    const result = await company.atlas('new', 'servlet', 'links', '--route', 'GET /greeter/{id}')
    expect(result.code).toBe(1)
    expect(result.stderr).toContain("by 'GET /greeter/{name}' (greet)")
  })

  it('is there whole or not at all when it is killed, and can be made then', { timeout }, async () => {
    await using company = await newCompany()
    await company.atlas('interface')
    const isThere = (name: string) =>
      stat(join(company.root, 'packages/servlets', name)).then(
        () => true,
        () => false,
      )
    for (const [index, afterMs] of [150, 250, 350, 450, 600, 800, 1000, 1300].entries()) {
      const name = `links-${index}`
      await company.killed(afterMs, 'new', 'servlet', name)
      if (!(await isThere(name)))
        expect(await company.atlas('new', 'servlet', name)).toMatchObject({ code: 0 })
      expect(Object.keys(await textsIn(join(company.root, 'packages/servlets', name))).sort()).toEqual([
        'interface.json',
        'package.json',
        'servlet.json',
        'src/contract.ts',
        'src/servlet.test.ts',
        'src/servlet.ts',
        'tsconfig.json',
      ])
    }
    expect(await company.atlas('check')).toMatchObject({ code: 0 })
  })
})

describe('atlas new library', () => {
  it('makes a library that only those may import whom it names', { timeout }, async () => {
    await using company = await newCompany()
    const made = await company.atlas('new', 'library', 'json-documents', '--visibility', 'public', '--json')
    expect(JSON.parse(made.stdout)).toMatchObject({ library: 'json-documents' })
    const dir = 'packages/libraries/json-documents'
    expect(JSON.parse(await company.read(`${dir}/library.json`))).toMatchObject({
      owner: 'web',
      visibility: ['public'],
    })
    const folder = join(company.root, dir)
    expect(await run('tsc', ['-p', '.'], folder)).toEqual(clean)
    const config = ['run', '--config', '../../../vitest.config.ts', '--root', '.']
    expect(await run('vitest', config, folder)).toMatchObject({ code: 0 })
    await company.atlas('interface')
    expect(await company.atlas('check')).toMatchObject({ code: 0 })
  })

  it.each([
    ['a name that is none', ['Json'], 2, `'Json' is not a library name`],
    ['a team that is not there', ['json', '--owner', 'wbe'], 2, `did you mean 'web'?`],
    ['visibility for nobody', ['json', '--visibility', 'team:wbe'], 1, `there is no team 'wbe'`],
    ['a package that is not there', ['json', '--visibility', '@acme/x'], 1, `no package '@acme/x'`],
    ['no name where nobody can be asked', [], 2, `missing required argument 'name'`],
  ])('refuses %s', async (_what, args, code, message) => {
    const result = await untouched.atlas('new', 'library', ...args)
    expect(result.code).toBe(code)
    expect(result.stderr).toContain(message)
  })
})

describe('the nx generators', () => {
  const nx = (root: string, ...args: string[]) => run('nx', ['g', ...args], root)

  it('write what atlas new writes, and nothing in a dry run', { timeout }, async () => {
    await using company = await newCompany()
    await using other = await newCompany()
    const before = await textsIn(company.root)
    const args = ['links', '--store=content=blobs', '--access=internal']
    const dry = await nx(company.root, '@atlas/cli:servlet', ...args, '--dry-run')
    expect(dry).toMatchObject({ code: 0 })
    expect(await textsIn(company.root)).toEqual(before)
    expect(await nx(company.root, '@atlas/cli:servlet', ...args)).toMatchObject({ code: 0 })
    expect(await nx(company.root, '@atlas/cli:library', 'json', '--visibility=public')).toMatchObject({
      code: 0,
    })
    await other.atlas('new', 'servlet', ...args)
    await other.atlas('new', 'library', 'json', '--visibility', 'public')
    expect(await textsIn(company.root)).toEqual(await textsIn(other.root))
  })

  it('refuse what atlas new refuses', { timeout }, async () => {
    await using company = await newCompany()
    const before = await textsIn(company.root)
    const result = await nx(company.root, '@atlas/cli:servlet', 'links', '--owner=wbe')
    expect(result.code).toBe(1)
    expect(result.stdout + result.stderr).toContain("did you mean 'web'?")
    expect(await textsIn(company.root)).toEqual(before)
  })
})
