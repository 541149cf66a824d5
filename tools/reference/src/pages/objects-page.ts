import { checkManifest, type ServletManifest } from '@atlas/manifest'
import {
  type KubernetesObject,
  makersFor,
  objectsOf,
  type Provisioned,
  platformObjectsOf,
} from '@atlas/provision'
import ts from 'typescript'
import { stringify } from 'yaml'
import { pageHead, prose, table } from '../markdown.ts'
import { nodesOf, sourcesIn } from '../sources/parse.ts'

const sources = 'packages/platform/provision/src'

/** docs/reference/objects.md */
export async function objectsPage(): Promise<string> {
  const texts = await docsIn(sources)
  const provisioned = greeter()
  const of = (make: (provisioned: Provisioned) => KubernetesObject) => {
    const described = texts.get(make.name)
    if (described === undefined) throw new Error(`${make.name} has no text; write its JSDoc in ${sources}`)
    return section(make(provisioned), described)
  }
  const common = makersFor(true).filter((make) => makersFor(false).includes(make))
  const judged = makersFor(true).filter((make) => !common.includes(make))
  const plain = makersFor(false).filter((make) => !common.includes(make))
  const record = objectsOf(provisioned).at(-1)!
  return `${pageHead('Objects', `\`${sources}\``)}
What a servlet becomes in a cluster, object by object. The examples are of the servlet \`greeter\` of the team \`web\`, with the route
\`GET /greet/{name}\` and nothing else declared, in an environment \`prod\` at \`acme.example\`.
\`npx atlas render --env ENVIRONMENT SERVLET\` writes those of yours. [Clusters](../guides/clusters.md) is the guide.

Every object has the labels \`app.kubernetes.io/name\`, \`app.kubernetes.io/managed-by: atlas\`, \`atlas.dev/servlet\` and \`atlas.dev/owner\`. They are left out
below where they say nothing more.

## Of each servlet

${common.map(of).join('\n')}
${section(record, texts.get('withRecord')!.split('\n\n').at(-1)!)}
## Where releases are judged

\`rollout.canary\` is true unless the manifest or the environment says otherwise.

${judged.map(of).join('\n')}
## Where they are not

${plain.map(of).join('\n')}
## Of each environment

What \`infra/platform\` makes. \`brings\` in the environment's file leaves out what a cluster has itself.

${table(
  ['object', 'part'],
  (['admission', 'gateways'] as const).flatMap((part) => {
    const without = new Set(platformObjectsOf(provisioned.environment, [part]).map(idOf))
    return platformObjectsOf(provisioned.environment)
      .filter((object) => !without.has(idOf(object)))
      .map((object) => [`\`${idOf(object)}\``, `\`${part}\``])
  }),
)}
### What the cluster refuses

${table(['policy', 'looks at', 'refuses, and says'], refusals(provisioned))}`
}

function section(object: KubernetesObject, text: string): string {
  const { labels, ...metadata } = object.metadata
  const own = Object.fromEntries(
    Object.entries(labels ?? {}).filter(
      ([name]) => !/^(app\.kubernetes\.io\/(name|managed-by)|atlas\.dev\/(servlet|owner))$/.test(name),
    ),
  )
  const shown = {
    ...object,
    metadata: { ...metadata, ...(Object.keys(own).length > 0 && { labels: own }) },
  }
  return `### ${idOf(object)}

${prose(text)}

\`\`\`yaml
${stringify(shown, { lineWidth: 0 }).trimEnd()}
\`\`\`
`
}

function idOf({ kind, metadata }: KubernetesObject): string {
  return `${kind} ${metadata.name}`
}

function refusals({ environment }: Provisioned): string[][] {
  return platformObjectsOf(environment)
    .filter(({ kind }) => kind === 'ValidatingAdmissionPolicy')
    .flatMap(({ metadata, spec }) => {
      const { matchConstraints, validations } = spec as {
        matchConstraints: { resourceRules: { resources: string[] }[] }
        validations: { messageExpression: string }[]
      }
      const resources = matchConstraints.resourceRules.flatMap((rule) => rule.resources).join(', ')
      return validations.map(({ messageExpression }) => [
        `\`${metadata.name}\``,
        resources,
        prose(asText(messageExpression)),
      ])
    })
}

/** A message of CEL as a reader has it, with "..." for what depends on the object. */
function asText(expression: string): string {
  return expression
    .split(/ \+ (?=(?:[^"]*"[^"]*")*[^"]*$)/)
    .map((part) => (part.startsWith('"') ? part.slice(1, -1) : '...'))
    .join('')
}

/** The JSDoc of every exported function of a folder, without its tags, by the name of the function. */
async function docsIn(folder: string): Promise<ReadonlyMap<string, string>> {
  const found = new Map<string, string>()
  for (const source of (await sourcesIn(folder)).values())
    for (const node of nodesOf(source)) {
      if (!ts.isFunctionDeclaration(node) || !node.name) continue
      const [doc] = ts.getJSDocCommentsAndTags(node).filter(ts.isJSDoc)
      const text = ts.getTextOfJSDocComment(doc?.comment)
      if (text !== undefined) found.set(node.name.text, text.trim())
    }
  return found
}

function greeter(): Provisioned {
  const manifest = checkManifest('servlet', { owner: 'web' }, 'servlet.json')
  if (!manifest.ok) throw new Error(JSON.stringify(manifest.findings))
  return {
    servlet: {
      name: 'greeter',
      owner: 'web',
      manifest: manifest.value as ServletManifest,
      routes: [{ endpoint: 'greet', route: 'GET /greet/{name}', access: 'public' }],
      mounts: [],
    },
    team: { name: 'Web', contact: '#web', members: [] },
    release: { version: '1.4.0', image: `registry.acme.example/servlets/greeter@sha256:${'0'.repeat(64)}` },
    environment: {
      name: 'prod',
      domain: 'acme.example',
      prometheus: { address: 'http://prometheus.monitoring:9090', namespace: 'monitoring' },
      gateway: { service: 'LoadBalancer' },
    },
    config: {},
  }
}
