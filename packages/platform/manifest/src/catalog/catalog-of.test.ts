import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { documentOf, type WorkspaceFixture, workspaceOf } from '../fixtures/workspace.ts'
import { catalogOf } from './catalog-of.ts'

/** The findings about a workspace, as `rule file path: message. remedy`. */
function findingsOf(fixture: WorkspaceFixture): string[] {
  return catalogOf(workspaceOf(fixture)).findings.map(
    ({ rule, file, path, message, remedy }) => `${rule} ${file}${path && ` ${path}`}: ${message}. ${remedy}`,
  )
}

const greeter = { routes: { greet: 'GET /greet/{name}' } }

describe('the catalog', () => {
  it('has what atlas list shows', () => {
    const { catalog, findings } = catalogOf(
      workspaceOf({
        servlets: {
          identity: { routes: { verify: 'POST /verify' } },
          files: {
            manifest: { owner: 'storage', stores: { tree: { postgres: {} }, content: { blobs: {} } } },
            routes: { list: 'GET /files' },
            access: 'public',
            mounts: { '/legacy': { access: 'public', openapi: 'openapi.json' } },
            calls: { identity: ['verify'] },
          },
        },
        packages: [{ name: '@acme/dates', dir: 'packages/libraries/dates', library: { owner: 'web' } }],
        environments: { local: { authenticator: 'identity.verify' } },
      }),
    )
    expect(findings).toEqual([])
    expect(catalog.servlets.map(({ name }) => name)).toEqual(['files', 'identity'])
    expect(catalog.servlets[0]).toMatchObject({
      name: 'files',
      package: '@acme/files',
      dir: 'packages/servlets/files',
      version: '1.2.3',
      owner: 'storage',
      manifest: { stores: { tree: { postgres: { maxConnections: 10 } } }, limits: { cpu: '250m' } },
      routes: [{ endpoint: 'list', route: 'GET /files', access: 'public' }],
      mounts: [{ prefix: '/legacy', access: 'public', openapi: 'openapi.json' }],
      calls: { identity: ['verify'] },
      stores: { tree: 'postgres', content: 'blobs' },
    })
    expect(catalog.teams.web).toEqual({ name: 'Web', contact: '#web', members: [] })
    expect(catalog.environments.local).toMatchObject({
      authenticator: 'identity.verify',
      domain: 'localhost',
    })
    expect(catalog.libraries).toEqual([
      { package: '@acme/dates', dir: 'packages/libraries/dates', owner: 'web', visibility: [] },
    ])
  })

  it('takes endpoints without access as internal', () => {
    const { catalog } = catalogOf(workspaceOf({ servlets: { greeter } }))
    expect(catalog.servlets[0]?.routes[0]?.access).toBe('internal')
  })

  it('counts a live document in place of the committed one', () => {
    const workspace = workspaceOf({ servlets: { greeter: { ...greeter, interface: null } } })
    const documents = new Map([['greeter', documentOf('greeter', { routes: { wave: 'GET /wave' } })]])
    const { catalog, findings } = catalogOf(workspace, { documents })
    expect(findings).toEqual([])
    expect(catalog.servlets[0]?.routes).toEqual([
      { endpoint: 'wave', route: 'GET /wave', access: 'internal' },
    ])
  })

  it('leaves a servlet with a broken manifest out, and still checks its routes', () => {
    const workspace = workspaceOf({ servlets: { a: greeter, b: { ...greeter, manifest: '{ "owner": ' } } })
    const { catalog, findings } = catalogOf(workspace)
    expect(catalog.servlets.map(({ name }) => name)).toEqual(['a'])
    expect(findings.map(({ rule }) => rule)).toEqual(['routes/ambiguous', 'json/syntax'])
  })
})

describe('a servlet', () => {
  it('names an owner that exists', () => {
    expect(findingsOf({ servlets: { greeter: { manifest: { owner: 'wbe' } } } })).toEqual([
      "owner/unknown packages/servlets/greeter/servlet.json owner: 'wbe' is not a team in infra/teams.json. write 'web', or add the team there",
    ])
    expect(findingsOf({ servlets: { greeter: { manifest: { owner: 'accounting' } } } })).toEqual([
      "owner/unknown packages/servlets/greeter/servlet.json owner: 'accounting' is not a team in infra/teams.json. add the team there, or name one of storage, web",
    ])
  })

  it('probes endpoints that it has', () => {
    const probing = (endpoint: string) =>
      findingsOf({
        servlets: {
          greeter: {
            manifest: { owner: 'web', rollout: { whenUndecided: { probe: { calls: [{ endpoint }] } } } },
            routes: { greet: 'GET /greet/{name}' },
          },
        },
      })
    expect(probing('greet')).toEqual([])
    expect(probing('gret')).toEqual([
      "servlet/probe packages/servlets/greeter/servlet.json rollout.whenUndecided.probe.calls[0].endpoint: 'gret' is no endpoint of the contract. write 'greet'",
    ])
  })

  it('has an owner', () => {
    expect(findingsOf({ servlets: { greeter: { manifest: {} } } })).toEqual([
      `manifest/missing-field packages/servlets/greeter/servlet.json owner: 'owner' is missing. add 'owner', as in "web"`,
    ])
  })

  it('is judged for its owner only where teams are known', () => {
    expect(findingsOf({ servlets: { greeter, files: {} }, teams: null })).toEqual([
      'owner/no-teams infra/teams.json: is missing, so no owner can be looked up. add it, as in { "web": { "name": "Web", "contact": "web@acme.example" } }',
    ])
    expect(findingsOf({ servlets: { greeter }, teams: { web: {} } })).toEqual([
      `manifest/missing-field infra/teams.json web.contact: 'web.contact' is missing. add 'contact', as in "web@acme.example"`,
      `manifest/missing-field infra/teams.json web.name: 'web.name' is missing. add 'name', as in "Web"`,
    ])
  })

  it('has a servlet.json and an interface.json', () => {
    expect(findingsOf({ servlets: { greeter: { manifest: null, interface: null } } })).toEqual([
      'servlet/interface-missing packages/servlets/greeter/interface.json: is missing, so the routes and calls of @acme/greeter are not known. run npx atlas interface',
      'servlet/manifest-missing packages/servlets/greeter/servlet.json: is missing, so nobody owns @acme/greeter. add it with at least { "owner": "TEAM" }, or move the package out of packages/servlets',
    ])
  })

  it('has an interface.json that is one', () => {
    expect(
      findingsOf({ servlets: { greeter: { interface: { name: 'greeter', endpoints: { a: {} } } } } }),
    ).toEqual([
      'servlet/interface-invalid packages/servlets/greeter/interface.json endpoints.a.route: is not an interface document: Invalid input: expected string, received undefined. it is generated and not to be edited; run npx atlas interface',
    ])
    expect(findingsOf({ servlets: { greeter: { interface: '{' } } })).toMatchObject([
      expect.stringContaining('json/syntax packages/servlets/greeter/interface.json line 1, column 2'),
    ])
  })

  it('is called the same by folder, package and contract', () => {
    const servlets = { greeter: { package: '@acme/greetings', interface: { name: 'hello' } } }
    expect(findingsOf({ servlets })).toEqual([
      "servlet/name packages/servlets/greeter/interface.json name: the contract is called 'hello', the folder 'greeter'. write contract('greeter', ...) in src/contract.ts and run npx atlas interface, or rename the folder",
      "servlet/name packages/servlets/greeter/package.json name: the package is called '@acme/greetings', its folder 'greeter'. call it '@acme/greeter', or rename the folder",
    ])
  })

  it.each(['fileLinks', 'file_links', '2fa', 'a'.repeat(41)])('may not be called %s', (name) => {
    expect(findingsOf({ servlets: { [name]: {} } })).toEqual([
      `servlet/name packages/servlets/${name}/package.json: the folder '${name}' is not a servlet name. use at most 40 lower-case letters and digits, with hyphens between words, as in file-links`,
    ])
  })

  it('is the only one of its name', () => {
    const servlets = { a: {}, b: { interface: { name: 'a' } } }
    expect(findingsOf({ servlets })).toContain(
      "servlet/duplicate packages/servlets/b/package.json name: there is another servlet 'a' in packages/servlets/a. rename one of them, folder and contract",
    )
  })
})

describe('routes', () => {
  it('may not be ambiguous between servlets', () => {
    const servlets = { a: { routes: { one: 'GET /a/{x}/c' } }, b: { routes: { two: 'GET /a/b/{y}' } } }
    const { findings } = catalogOf(workspaceOf({ servlets }))
    expect(findings).toEqual([
      {
        rule: 'routes/ambiguous',
        severity: 'error',
        file: 'packages/servlets/b/interface.json',
        path: 'endpoints.two.route',
        message:
          "GET /a/b/c is matched by 'GET /a/b/{y}' (two) and by 'GET /a/{x}/c' (one) in packages/servlets/a/interface.json",
        remedy: 'change one of the two routes in src/contract.ts, and run npx atlas interface',
        witness: 'GET /a/b/c',
      },
    ])
  })

  it('may not be ambiguous within a servlet', () => {
    const routes = { one: 'GET /a/{x}', two: 'GET /a/{y}' }
    expect(catalogOf(workspaceOf({ servlets: { a: { routes } } })).findings).toMatchObject([
      { rule: 'routes/ambiguous', witness: 'GET /a/x' },
    ])
  })

  it('may be more and less specific', () => {
    const servlets = {
      a: { routes: { one: 'GET /users/{id}', two: 'GET /{path*}' } },
      b: { routes: { me: 'GET /users/me', put: 'PUT /users/{id}' } },
    }
    expect(findingsOf({ servlets })).toEqual([])
  })

  it('are routes', () => {
    expect(findingsOf({ servlets: { a: { routes: { one: 'FETCH /a' } } } })).toMatchObject([
      expect.stringContaining('routes/invalid packages/servlets/a/interface.json endpoints.one.route'),
    ])
  })
})

describe('a mount', () => {
  const legacy = { mounts: { '/legacy': {} } }

  it.each([
    {
      name: 'a route inside of it',
      other: { routes: { one: 'GET /legacy/users' } },
      witness: 'GET /legacy/users',
    },
    { name: 'a route at it', other: { routes: { one: 'PUT /legacy' } }, witness: 'PUT /legacy' },
    {
      name: 'a route that is neither more nor less specific',
      other: { routes: { one: 'GET /{x}/users' } },
      witness: 'GET /legacy/users',
    },
    { name: 'the same mount', other: legacy, witness: '/legacy' },
    { name: 'a mount inside of it', other: { mounts: { '/legacy/admin': {} } }, witness: '/legacy/admin' },
  ])('collides with $name', ({ other, witness }) => {
    const { findings } = catalogOf(workspaceOf({ servlets: { old: legacy, other } }))
    expect(findings).toMatchObject([{ rule: 'routes/mount', witness }])
    expect(findings[0]?.message).toMatch(/packages\/servlets\/(old|other)\/interface\.json$/)
  })

  it.each(['GET /{path*}', 'GET /{x}', 'GET /legacy-2/users', 'GET /users/legacy'])(
    'stands beside %s',
    (route) => {
      expect(findingsOf({ servlets: { old: legacy, other: { routes: { route } } } })).toEqual([])
    },
  )

  it('gives way to endpoints of its own servlet, which take over piece by piece', () => {
    const old = { ...legacy, routes: { users: 'GET /legacy/users/{id}', all: 'GET /legacy' } }
    expect(findingsOf({ servlets: { old } })).toEqual([])
  })

  it.each(['legacy', '/legacy/{x}', '/legacy/'])('may not be at %s', (prefix) => {
    expect(
      catalogOf(workspaceOf({ servlets: { old: { mounts: { [prefix]: {} } } } })).findings,
    ).toMatchObject([{ rule: 'routes/invalid', path: `mounts.${prefix}` }])
  })
})

describe('a call', () => {
  const identity = { routes: { verify: 'POST /verify' } }

  it('is of a servlet that exists', () => {
    expect(findingsOf({ servlets: { identity, files: { calls: { identty: ['verify'] } } } })).toEqual([
      "calls/unknown packages/servlets/files/interface.json calls.identty: there is no servlet 'identty'. call 'identity', or add the servlet",
    ])
  })

  it('is of an endpoint that exists', () => {
    expect(findingsOf({ servlets: { identity, files: { calls: { identity: ['verfy'] } } } })).toEqual([
      "calls/unknown packages/servlets/files/interface.json calls.identity: identity has no endpoint 'verfy'. call 'verify', and run npx atlas interface",
    ])
  })

  it('needs a dependency', () => {
    const files = { calls: { identity: ['verify'] }, dependencies: {} }
    expect(findingsOf({ servlets: { identity, files } })).toEqual([
      'calls/undeclared packages/servlets/files/package.json dependencies: files calls identity without a dependency on @acme/identity. add "@acme/identity": "*" to dependencies',
    ])
  })

  it('needs to be admitted where the callee lists its callers', () => {
    const closed = { ...identity, manifest: { owner: 'storage', callers: ['search', 'web-ui'] } }
    const files = { calls: { identity: ['verify'] } }
    expect(findingsOf({ servlets: { identity: closed, files, search: files } })).toEqual([
      'calls/refused packages/servlets/files/interface.json calls.identity: identity does not list files among its callers. ' +
        "ask its owner (storage) to add 'files' to callers in packages/servlets/identity/servlet.json",
      "calls/unknown-caller packages/servlets/identity/servlet.json callers.1: there is no servlet 'web-ui'. remove it",
    ])
  })

  it('may not close a cycle', () => {
    const calling = (name: string) => ({ calls: { [name]: [] } })
    const servlets = { a: calling('b'), b: calling('c'), c: calling('a'), d: calling('a') }
    expect(catalogOf(workspaceOf({ servlets })).findings).toMatchObject([
      {
        rule: 'calls/cycle',
        witness: 'a -> b -> c -> a',
        file: 'packages/servlets/a/interface.json',
        path: 'calls.b',
      },
    ])
  })

  it('may not be of itself', () => {
    const servlets = { a: { calls: { a: [] } } }
    expect(catalogOf(workspaceOf({ servlets })).findings).toMatchObject([
      { rule: 'calls/cycle', witness: 'a -> a' },
    ])
  })
})

describe('packages', () => {
  it('depend on servlets as "*"', () => {
    const files = { dependencies: { '@acme/greeter': '^1.0.0' } }
    expect(findingsOf({ servlets: { greeter, files } })).toMatchObject([
      expect.stringContaining(
        'packages/servlet-range packages/servlets/files/package.json dependencies.@acme/greeter: depends on the servlet @acme/greeter as "^1.0.0"',
      ),
    ])
  })

  it('do not depend on each other in a cycle', () => {
    const dir = 'packages/libraries'
    const library = { owner: 'web' }
    const packages = [
      { name: '@acme/x', dir: `${dir}/x`, library, dependencies: { '@acme/y': '*', zod: '^4.0.0' } },
      { name: '@acme/y', dir: `${dir}/y`, library, dependencies: { '@acme/x': '*' } },
    ]
    expect(catalogOf(workspaceOf({ packages })).findings).toMatchObject([
      {
        rule: 'packages/cycle',
        witness: '@acme/x -> @acme/y -> @acme/x',
        file: 'packages/libraries/x/package.json',
      },
    ])
  })

  it('have names of their own', () => {
    const packages = ['x', 'y'].map((folder) => ({ name: '@acme/x', dir: `tools/${folder}` }))
    expect(catalogOf(workspaceOf({ packages })).findings).toMatchObject([
      {
        rule: 'packages/duplicate',
        file: 'tools/y/package.json',
        message: "tools/x is called '@acme/x' too",
      },
    ])
  })
})

describe('a library', () => {
  const dir = 'packages/libraries/dates'

  it('has a library.json', () => {
    expect(catalogOf(workspaceOf({ packages: [{ name: '@acme/dates', dir }] })).findings).toMatchObject([
      { rule: 'library/manifest-missing', file: `${dir}/library.json` },
    ])
  })

  it('has an owner, and is visible to somebody who exists', () => {
    const library = {
      owner: 'webb',
      visibility: ['public', 'team:storge', '@acme/search', 'team:web', '@acme/dates'],
    }
    expect(findingsOf({ packages: [{ name: '@acme/dates', dir, library }] })).toEqual([
      `owner/unknown ${dir}/library.json owner: 'webb' is not a team in infra/teams.json. write 'web', or add the team there`,
      `library/visibility ${dir}/library.json visibility.1: there is no team 'storge'. write 'team:storage', or remove it`,
      `library/visibility ${dir}/library.json visibility.2: there is no package '@acme/search'. remove it`,
    ])
  })
})

describe('an environment', () => {
  const file = 'infra/environments/local.json'
  const identity = { routes: { verify: 'POST /verify' } }
  const files = {
    manifest: { owner: 'storage', config: { maxUploadMiB: 500 }, limits: { replicas: { max: 3 } } },
  }
  const findingsIn = (environment: object) =>
    findingsOf({ servlets: { identity, files }, environments: { local: environment } })

  it('names an endpoint as the authenticator', () => {
    expect(findingsIn({ authenticator: 'identity.verify' })).toEqual([])
    expect(findingsIn({ authenticator: 'identity.verfy' })).toEqual([
      `environment/authenticator ${file} authenticator: identity has no endpoint 'verfy'. write 'identity.verify', or remove it`,
    ])
    expect(findingsIn({ authenticator: 'accounts.check' })).toEqual([
      `environment/authenticator ${file} authenticator: there is no servlet 'accounts'. name an endpoint as servlet.endpoint, or remove it`,
    ])
  })

  it('without an authenticator is a warning where users sign in', () => {
    const servlets = { files: { routes: { list: 'GET /files' }, access: 'user' as const } }
    expect(catalogOf(workspaceOf({ servlets, environments: { local: {} } })).findings).toMatchObject([
      { rule: 'environment/authenticator', severity: 'warning', file },
    ])
  })

  it('groups, pins, freezes and configures servlets that exist', () => {
    const environment = {
      groups: { core: ['identity', 'file'], more: ['identity'] },
      pins: { filess: '1.0.0' },
      freezes: { '*': { reason: 'sales' }, indentity: { reason: 'move' } },
      config: { nobody: {} },
    }
    expect(findingsIn(environment)).toEqual([
      `environment/servlet ${file} config.nobody: there is no servlet 'nobody'. remove it`,
      `environment/servlet ${file} freezes.indentity: there is no servlet 'indentity'. write 'identity', or remove it`,
      `environment/servlet ${file} groups.core.1: there is no servlet 'file'. write 'files', or remove it`,
      `environment/group ${file} groups.more.0: 'identity' is in the group 'core' already. remove it from one of them`,
      `environment/servlet ${file} pins.filess: there is no servlet 'filess'. write 'files', or remove it`,
    ])
  })

  it('gives config values that are declared, of the declared type', () => {
    expect(findingsIn({ config: { files: { maxUploadMib: 1 } } })).toEqual([
      `environment/config ${file} config.files.maxUploadMib: files has no config value 'maxUploadMib'. write 'maxUploadMiB', or remove it`,
    ])
    expect(findingsIn({ config: { files: { maxUploadMiB: '1' } } })).toEqual([
      `environment/config ${file} config.files.maxUploadMiB: is of type string; files declares it as number. give a value of type number, as in 500`,
    ])
    expect(findingsIn({ config: { files: { maxUploadMiB: 1 } } })).toEqual([])
  })

  it('does not contradict a servlet by its defaults', () => {
    expect(findingsIn({ defaults: { limits: { replicas: { min: 1 } } } })).toEqual([])
    expect(findingsIn({ defaults: { limits: { replicas: { min: 5 } } } })).toEqual([
      `environment/defaults ${file} defaults.limits.replicas.min: contradicts the servlet files: with its servlet.json, limits.replicas.min in local is 5, more than max, which is 3. change the default, or give limits.replicas.min in packages/servlets/files/servlet.json`,
    ])
  })

  it('has a name of lower-case words', () => {
    expect(findingsOf({ environments: { Prod_EU: {} } })).toMatchObject([
      expect.stringContaining("environment/name infra/environments/Prod_EU.json: 'Prod_EU' is not a name"),
    ])
  })
})

describe('the catalog of any workspace', () => {
  const names = ['a', 'b', 'c', 'd']
  const name = fc.constantFrom(...names)
  const servlet = fc.record({
    manifest: fc.oneof(fc.record({ owner: fc.constantFrom('web', 'nobody') }), fc.constant('{')),
    routes: fc.dictionary(
      fc.constantFrom('one', 'two', 'three'),
      fc.constantFrom('GET /{x}', 'GET /a', 'GET /a/{y}', 'GET /{x}/b', '?'),
    ),
    mounts: fc.dictionary(fc.constantFrom('/a', '/b', '/a/b'), fc.constant({})),
    calls: fc.dictionary(name, fc.subarray(['one', 'two'])),
    dependencies: fc.dictionary(
      name.map((each) => `@acme/${each}`),
      fc.constantFrom('*', '^1.0.0'),
    ),
  })
  const servlets = fc.dictionary(name, servlet)

  it('is the same for the same workspace, in whatever order its packages come', () => {
    fc.assert(
      fc.property(
        servlets.chain((each) => {
          const workspace = workspaceOf({ servlets: each, environments: { local: { groups: { g: names } } } })
          return fc.tuple(
            fc.constant(workspace),
            fc.shuffledSubarray([...workspace.packages], { minLength: workspace.packages.length }),
          )
        }),
        ([workspace, shuffled]) => {
          const before = JSON.stringify(workspace)
          const first = catalogOf(workspace)
          expect(catalogOf(workspace)).toEqual(first)
          expect(catalogOf({ ...workspace, packages: shuffled })).toEqual(first)
          expect(JSON.stringify(workspace)).toBe(before)
        },
      ),
    )
  })

  it('stays useful with a thousand servlets', () => {
    const count = 1000
    const thousand = Object.fromEntries(
      Array.from({ length: count }, (_, index) => [
        `servlet-${index}`,
        {
          routes: Object.fromEntries(
            Array.from({ length: 10 }, (_, route) => [
              `endpoint${route}`,
              `GET /api/s${index}/{id}/part${route}`,
            ]),
          ),
          calls: index + 1 < count ? { [`servlet-${index + 1}`]: ['endpoint0'] } : {},
        },
      ]),
    )
    const { catalog, findings } = catalogOf(workspaceOf({ servlets: thousand }))
    expect(findings).toEqual([])
    expect(catalog.servlets).toHaveLength(count)
    const last = { ...thousand[`servlet-${count - 1}`]!, calls: { 'servlet-0': ['endpoint0'] } }
    const cyclic = catalogOf(
      workspaceOf({ servlets: { ...thousand, [`servlet-${count - 1}`]: last } }),
    ).findings
    expect(cyclic).toMatchObject([{ rule: 'calls/cycle' }])
    expect(cyclic[0]?.witness?.split(' -> ')).toHaveLength(count + 1)
  })
})
