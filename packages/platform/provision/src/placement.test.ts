import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readPlacement } from './placement.ts'

const digest = `sha256:${'0123456789abcdef'.repeat(4)}`
let root: string

const files = (): Record<string, unknown> => ({
  'package.json': { workspaces: ['packages/servlets/*'] },
  'infra/teams.json': { web: { name: 'Web', contact: '#web' } },
  'infra/environments/prod.json': {
    cluster: 'prod',
    registry: 'registry.acme.example/servlets',
    domain: 'acme.example',
    prometheus: 'http://metrics.watch.svc:9090',
    config: { greeter: { loud: true } },
    defaults: { limits: { cpu: '100m' } },
  },
  'infra/environments/local.json': {},
  'infra/environments/prod.lock.json': {
    greeter: `1.4.0@${digest}`,
    broken: `1.0.0@${digest}`,
    gone: `1.0.0@${digest}`,
  },
  'packages/servlets/greeter/package.json': {
    name: '@acme/greeter',
    version: '1.4.0',
    exports: { './contract': './src/contract.ts' },
  },
  'packages/servlets/greeter/servlet.json': { owner: 'web', config: { loud: false } },
  'packages/servlets/greeter/interface.json': {
    format: 1,
    name: 'greeter',
    endpoints: {},
    mounts: {},
    calls: {},
  },
  'packages/servlets/broken/package.json': {
    name: '@acme/broken',
    version: '1.0.0',
    exports: { './contract': './src/contract.ts' },
  },
  'packages/servlets/broken/servlet.json': { owner: 'web', limits: { replicas: { min: 5, max: 2 } } },
})

async function write(path: string, content: unknown) {
  await mkdir(dirname(join(root, path)), { recursive: true })
  await writeFile(join(root, path), typeof content === 'string' ? content : JSON.stringify(content))
}

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'placement-'))
  for (const [path, content] of Object.entries(files())) await write(path, content)
})
afterAll(() => rm(root, { recursive: true, force: true }))

describe('what should run in an environment', () => {
  it('is what its files say together', async () => {
    const placement = await readPlacement(root, 'prod')
    const provisioned = placement.provisioned('greeter')
    expect(provisioned).toMatchObject({
      release: { version: '1.4.0', image: `registry.acme.example/servlets/greeter@${digest}` },
      environment: {
        name: 'prod',
        domain: 'acme.example',
        prometheus: { address: 'http://metrics.watch.svc:9090', namespace: 'watch' },
      },
      config: { loud: true },
      team: { name: 'Web' },
    })
    expect(provisioned.servlet.manifest.limits.cpu).toBe('100m')
    expect(placement.servlets).toEqual(expect.arrayContaining(['greeter']))
    expect(placement.servlets).not.toContain('gone')
  })

  it('says file, field and remedy of a wrong manifest, and a servlet beside it is not stopped by it', async () => {
    const placement = await readPlacement(root, 'prod')
    expect(() => placement.provisioned('broken')).toThrow(
      'packages/servlets/broken/servlet.json (limits.replicas.min): is 5, more than max, which is 2; raise max to 5, or lower min',
    )
    expect(placement.provisioned('greeter').servlet.name).toBe('greeter')
  })

  it('is refused for what is not there', async () => {
    await expect(readPlacement(root, 'prd')).rejects.toThrow(
      "there is no environment 'prd'; did you mean 'prod'? Environments are files of infra/environments: there are local, prod",
    )
    await expect(readPlacement(root, 'xyz')).rejects.toThrow(
      "there is no environment 'xyz'. Environments are",
    )
    await expect(readPlacement(root, 'local')).rejects.toThrow(
      'infra/environments/local.json (cluster): is missing, and nothing can be deployed without it',
    )
    const placement = await readPlacement(root, 'prod')
    expect(() => placement.provisioned('nobody')).toThrow("prod.lock.json names no release of 'nobody'")
    expect(() => placement.provisioned('gone')).toThrow(
      'there is no such servlet in this workspace; remove it',
    )
  })
})

describe('a release', () => {
  const lockFile = 'infra/environments/staging.lock.json'
  const git = (...args: string[]) =>
    promisify(execFile)('git', ['-c', 'user.name=Ada', '-c', 'user.email=ada@acme.example', ...args], {
      cwd: root,
    })
  const greeter = (routes: readonly string[]) => ({
    format: 1,
    name: 'greeter',
    endpoints: Object.fromEntries(
      routes.map((route, index) => [`e${index}`, { route, access: 'public', input: {}, output: {} }]),
    ),
    mounts: {},
    calls: {},
  })
  const routesIn = async () =>
    (await readPlacement(root, 'staging')).provisioned('greeter').servlet.routes.map(({ route }) => route)

  beforeAll(async () => {
    await write('infra/environments/staging.json', files()['infra/environments/prod.json'])
    await write(lockFile, { greeter: `1.3.0@${digest}` })
    await write('packages/servlets/greeter/interface.json', greeter(['GET /greet/{name}']))
    await git('init', '--quiet')
    await git('add', '.')
    await git('commit', '--quiet', '-m', 'Release greeter 1.3.0')
    await git('tag', '@acme/greeter@1.3.0')
    await write('packages/servlets/greeter/interface.json', greeter(['GET /hello/{name}']))
    await write('packages/servlets/greeter/servlet.json', {
      owner: 'web',
      config: { loud: false },
      limits: { memory: '1Gi' },
    })
  })

  it('has the routes and limits that it was made with, wherever the checkout is by now', async () => {
    expect(await routesIn()).toEqual(['GET /greet/{name}'])
    const { servlet } = (await readPlacement(root, 'staging')).provisioned('greeter')
    expect(servlet.manifest.limits.memory).toBe('256Mi')
  })

  it('that the checkout has, and that has no tag yet, is what is in the checkout', async () => {
    await write(lockFile, { greeter: `1.4.0@${digest}` })
    expect(await routesIn()).toEqual(['GET /hello/{name}'])
  })

  it('that is neither is refused', async () => {
    await write(lockFile, { greeter: `1.2.0@${digest}` })
    await expect(routesIn()).rejects.toThrow(
      `${lockFile} (greeter): names the release @acme/greeter@1.2.0, and this checkout has no tag of it, so nobody knows its routes and limits; run git fetch --tags, or correct the lock`,
    )
  })

  it('that is not the pinned one is refused', async () => {
    await write(lockFile, { greeter: `1.4.0@${digest}` })
    await write('infra/environments/staging.json', {
      ...(files()['infra/environments/prod.json'] as object),
      pins: { greeter: '1.3.0' },
    })
    await expect(routesIn()).rejects.toThrow(
      `infra/environments/staging.json (pins.greeter): is 1.3.0, and ${lockFile} names 1.4.0; npx atlas rollback greeter --env staging --to 1.3.0 writes both, or remove the pin`,
    )
  })

  it('whose manifest is broken in the checkout is not taken for one that is gone', async () => {
    expect((await readPlacement(root, 'prod')).servlets).toEqual(['broken', 'greeter'])
  })
})
