import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { compare, type InterfaceDocument, parseInterfaceDocument } from '@atlas/interface'
import type { Catalog } from '@atlas/manifest'
import { expect, it } from 'vitest'
import { plannedMajor as release } from '../fixtures/planned-major.ts'
import { root } from '../fixtures/workspace.ts'
import { linksAt } from '../git/links.ts'
import { digestsOf } from './digests.ts'
import { fileNotifier, webhookNotifier } from './notify.ts'

const greeter = await readFile(join(root, 'packages/servlets/greeter/interface.json'), 'utf8')

/** The interface of greeter, with a field that it demands. */
function document(demanding: boolean): InterfaceDocument {
  const value = JSON.parse(greeter) as {
    endpoints: { greet: { input: { properties: Record<string, object>; required: string[] } } }
  }
  if (demanding) {
    value.endpoints.greet.input.properties.title = { type: 'string' }
    value.endpoints.greet.input.required.push('title')
  }
  const parsed = parseInterfaceDocument(JSON.stringify(value))
  if (!parsed.ok) throw new Error(JSON.stringify(parsed))
  return parsed.value
}

const catalog = {
  servlets: [
    { name: 'greeter', owner: 'web', dir: 'packages/servlets/greeter', calls: {} },
    { name: 'links', owner: 'sharing', dir: 'packages/servlets/links', calls: { greeter: ['greet'] } },
    { name: 'search', owner: 'discovery', dir: 'packages/servlets/search', calls: { greeter: ['other'] } },
  ],
  teams: {
    web: { name: 'Web', contact: '#web', members: [] },
    sharing: { name: 'Sharing', contact: 'sharing@acme.example', members: [] },
  },
} as unknown as Catalog

it('tells owners what is released, and those of callers what changed of what they use, with links', () => {
  const comparison = compare(document(false), document(true))
  const digests = digestsOf({
    releases: [release],
    held: [],
    notes: new Map([['@acme/greeter', '## 2.0.0\n\n### Major Changes\n\n- Titles.\n']]),
    proofs: new Map([['greeter', { comparison, proven: 'major' }]]),
    catalog,
  })
  expect(digests.map(({ owner, contact }) => [owner, contact])).toEqual([
    ['sharing', 'sharing@acme.example'],
    ['web', '#web'],
  ])
  const [sharing, web] = digests.map(({ text }) => text)
  expect(web).toContain(
    '# Releases: what concerns Web\n\n## greeter 2.0.0 is released\n\n### Major Changes\n\n- Titles.',
  )
  expect(sharing).toContain('## greeter 2.0.0, which links calls')
  expect(sharing).toMatch(/- \*\*breaks you\*\*: .*'title'.*; make the field optional/)
  expect(sharing).toContain('See its changelog: packages/servlets/greeter/CHANGELOG.md')
  expect(sharing).not.toContain('search')
  const [linked] = digestsOf({
    releases: [release],
    held: [],
    notes: new Map(),
    proofs: new Map([['greeter', { comparison, proven: 'major' }]]),
    catalog,
    links: linksAt('git@github.com:acme/shop.git'),
  })
  expect(linked!.text).toContain(
    'https://github.com/acme/shop/blob/@acme/greeter@2.0.0/packages/servlets/greeter/CHANGELOG.md',
  )
})

it('tells both sides of a major that waits', () => {
  const digests = digestsOf({
    releases: [],
    held: [
      {
        servlet: 'greeter',
        package: '@acme/greeter',
        changesets: ['.changeset/a.md'],
        by: [
          {
            caller: 'links',
            owner: 'sharing',
            environment: 'production',
            version: '1.4.0',
            breaks: [{ rule: 'input/field-missing', path: 'x', message: 'it must have a title' }],
          },
        ],
        steps: ['expand', 'move', 'contract'],
      },
    ],
    notes: new Map(),
    proofs: new Map(),
    catalog,
  })
  const [sharing, web] = digests.map(({ text }) => text)
  expect(web).toContain('## greeter is not released\n\n1. expand\n2. move\n3. contract')
  expect(sharing).toContain(
    'links 1.4.0 runs in production and uses what the next major of greeter takes away',
  )
  expect(sharing).toContain('- it must have a title')
})

it('writes a file for each owner, and posts to a webhook, which may refuse', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'atlas-tell-'))
  const bodies: unknown[] = []
  let status = 200
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request
      .on('data', (chunk: Buffer) => chunks.push(chunk))
      .on('end', () => {
        bodies.push(JSON.parse(Buffer.concat(chunks).toString()))
        response.writeHead(status).end()
      })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`
  const digest = { id: '1f', owner: 'web', contact: '#web', text: '# Releases\n' }
  try {
    const files = fileNotifier(folder)
    await files.tell(digest)
    expect(await readFile(join(folder, 'web.md'), 'utf8')).toBe('# Releases\n')
    await files.tell({ ...digest, text: '# More\n' })
    expect(await readFile(join(folder, 'web.md'), 'utf8')).toBe('# Releases\n\n# More\n')
    await fileNotifier(folder).tell(digest)
    expect(await readFile(join(folder, 'web.md'), 'utf8')).toBe('# Releases\n')
    await webhookNotifier(url).tell(digest)
    expect(bodies).toEqual([digest])
    status = 503
    await expect(webhookNotifier(url).tell(digest)).rejects.toThrow('the webhook answers 503')
    expect(bodies).toEqual([digest, digest, digest])
    expect(webhookNotifier(url).name).toMatch(/^webhook [0-9a-f]{16}$/)
    expect(webhookNotifier(`${url}/other`).name).not.toBe(webhookNotifier(url).name)
  } finally {
    server.closeAllConnections()
    server.close()
    await rm(folder, { recursive: true, force: true })
  }
  await expect(webhookNotifier(url).tell(digest)).rejects.toThrow('cannot be reached (ECONNREFUSED)')
})
