import { mkdir, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { end, identity, type Running, up } from '@atlas/tools-cluster'
import { requireTools, toolsNamed } from '@atlas/tools-toolchain'
import type { Bench, BenchOptions, Measured, Row } from '../bench.ts'
import { median, ratioOfMedians } from '../statistics.ts'
import { type Company, makeCompany } from './company.ts'
import { addKinds } from './kinds.ts'

const repo = resolve(import.meta.dirname, '../../../..')

/** What it costs to bring servlets into a cluster. */
export const provision: Bench = {
  name: 'provision',
  summary:
    'Deploys 1 to 200 servlets to the control plane of a real Kubernetes: the first time, with nothing to do, with one changed.',
  run,
}

/** What a way to deploy is asked to do. */
type Phase = 'first' | 'no-op' | 'one changed'

/** A way to deploy: brings the cluster to what the workspace says, and resolves with the seconds that it took. */
type Deploy = (company: Company) => Promise<number>

async function run({ quick, scratch, progress }: BenchOptions): Promise<Measured> {
  const which = identity(repo, 'bench')
  // What an interrupted run left would be measured too.
  await end(which)
  try {
    progress('bringing a control plane up')
    const running = await up(which, { controlPlane: true })
    await addKinds(running)
    return await measure(running, { quick, scratch, progress })
  } finally {
    await end(which)
  }
}

async function measure(running: Running, { quick, scratch, progress }: BenchOptions): Promise<Measured> {
  const helm = (await requireTools(toolsNamed(['helm']))).get('helm')!.binaries.helm!
  const kubectl = join(running.identity.folder, 'bin/kubectl')
  const [middle, most, stacked] = quick ? [3, 6, 3] : [50, 200, 10]
  const rounds = quick ? 1 : 3
  const rows: Row[] = []
  let first = 0
  const companyOf = async (count: number) => {
    const company = await makeCompany(join(scratch, String(first)), { count, first, running })
    first += 1000
    return company
  }
  // Round 0 is beside the comparison: the first time that something of the fleet is looked at.
  const times = (how: string, count: number, phase: Phase) =>
    rows
      .filter(
        (row) => row.how === how && row.servlets === count && row.phase === phase && Number(row.round) > 0,
      )
      .map(({ seconds }) => Number(seconds))
  const timed = async (how: string, company: Company, phase: Phase, deploy: Deploy, round: number) => {
    const servlets = company.servlets.length
    progress(`${how}, ${servlets} servlets: ${phase}`)
    const seconds = Number((await deploy(company)).toFixed(2))
    rows.push({ case: `${how}, ${servlets}, ${phase}`, how, servlets, phase, round, seconds })
  }
  const phases = async (how: string, company: Company, deploy: Deploy, again = rounds) => {
    await timed(how, company, 'first', deploy, 1)
    await phasesAgain(how, company, deploy, again)
  }
  const phasesAgain = async (how: string, company: Company, deploy: Deploy, again = rounds) => {
    for (let round = 1; round <= again; round++) {
      await timed(how, company, 'no-op', deploy, round)
      await company.change(company.servlets.length - 1)
      await timed(how, company, 'one changed', deploy, round)
    }
  }

  const atlas: Deploy = async (company) => (await company.atlas('deploy', '--env', 'bench', '--json')).seconds
  const apply: Deploy = async (company) => {
    const file = await rendered(company)
    const flags = ['apply', '--server-side', '--force-conflicts', '-f', file]
    return (await company.run(kubectl, flags)).seconds
  }
  const whole: Deploy = async (company) =>
    (await company.pulumi('whole', 'up', '-s', 'bench', '--yes', '--skip-preview')).seconds
  const chart: Deploy = async (company) => {
    const folder = await charted(company)
    const args = ['upgrade', '--install', 'fleet', folder, '--namespace', 'default']
    return (await company.run(helm, args)).seconds
  }

  // What all share, once.
  const one = await companyOf(1)
  await one.pulumi('platform', 'stack', 'init', 'bench')
  await one.pulumi('platform', 'up', '-s', 'bench', '--yes', '--skip-preview')
  await phases('atlas deploy', one, atlas)
  await phases('kubectl apply', await companyOf(1), apply)
  for (const count of [1, stacked]) {
    // What grows with the number of servlets is seen in one round, and takes long.
    const again = count === 1 ? rounds : 1
    const company = await companyOf(count)
    await company.pulumi('whole', 'stack', 'init', 'bench')
    await phases('one big stack', company, whole, again)
    await phases('helm upgrade', await companyOf(count), chart, again)
  }
  await phases('atlas deploy', await companyOf(middle), atlas)
  await phases('kubectl apply', await companyOf(middle), apply, 1)
  // Of the greatest fleet the objects come by kubectl: atlas then finds them, and takes over the one stack that it has to run.
  const fleet = await companyOf(most)
  await phases('kubectl apply', fleet, apply, 1)
  for (let round = 2; round <= rounds; round++) {
    await fleet.change(most - 1)
    await timed('kubectl apply', fleet, 'one changed', apply, round)
  }
  await timed('atlas deploy', fleet, 'no-op', atlas, 0)
  await fleet.change(most - 1)
  await timed('atlas deploy', fleet, 'one changed', atlas, 0)
  await fleet.copyStack(most - 1)
  await phasesAgain('atlas deploy', fleet, atlas)

  const against = (how: string, count: number, phase: Phase) =>
    ratioOfMedians(times(how, count, phase), times('atlas deploy', count, phase))
  const cost = ratioOfMedians(
    times('atlas deploy', most, 'one changed'),
    times('atlas deploy', 1, 'one changed'),
  )
  const figure = (count: number, phase: Phase) => median(times('atlas deploy', count, phase))
  const line = (how: string) =>
    [1, middle, most].map((count) => median(times(how, count, 'one changed')).toFixed(2)).join(', ')
  const cell = (how: string, count: number, phase: Phase) => {
    const seconds = times(how, count, phase)
    return seconds.length === 0 ? 'not measured' : median(seconds).toFixed(2)
  }
  const table = (
    [
      ['atlas deploy', [1, middle, most]],
      ['kubectl apply', [1, middle, most]],
      ['one big stack', [1, stacked]],
      ['helm upgrade', [1, stacked]],
    ] as const
  )
    .flatMap(([how, counts]) =>
      counts.map((count) =>
        [how, count, ...(['first', 'no-op', 'one changed'] as const).map((phase) => cell(how, count, phase))]
          .join(' | ')
          .replace(/^.*$/, '| $& |'),
      ),
    )
    .join('\n')
  return {
    rows,
    ratios: {
      [`one changed, ${most} against 1`]: cost,
      [`kubectl apply, ${most}, one changed`]: against('kubectl apply', most, 'one changed'),
      [`kubectl apply, ${middle}, first`]: against('kubectl apply', middle, 'first'),
      'one big stack, 1, one changed': against('one big stack', 1, 'one changed'),
      'helm upgrade, 1, one changed': against('helm upgrade', 1, 'one changed'),
    },
    figures: {
      firstSeconds1: figure(1, 'first'),
      [`firstSeconds${middle}`]: figure(middle, 'first'),
      noopSeconds1: figure(1, 'no-op'),
      [`noopSeconds${most}`]: figure(most, 'no-op'),
      [`kubectlNoopSeconds${most}`]: median(times('kubectl apply', most, 'no-op')),
      oneChangedSeconds1: figure(1, 'one changed'),
      [`oneChangedSeconds${most}`]: figure(most, 'one changed'),
      bigStackOneChangedSeconds1: median(times('one big stack', 1, 'one changed')),
      [`bigStackOneChangedSeconds${stacked}`]: median(times('one big stack', stacked, 'one changed')),
      oneChangedCost: cost,
    },
    bars: quick ? [] : [{ figure: 'oneChangedCost', atMost: 1.2 }],
    flags: { servlets: `1, ${middle}, ${most}`, rounds },
    versions: Object.fromEntries(
      toolsNamed(['kubernetes', 'pulumi', 'helm', 'kwok']).map(({ name, version }) => [name, version]),
    ),
    method: `
Each measurement is a process of its own, from its start to its end. The cluster is etcd, API server, controllers and scheduler; kwok plays node and pods, which are
ready at once, and no gateway, KEDA, Flagger or Prometheus runs, only their kinds are there: this is what deploying costs, not what starting pods costs. Pulumi is
the real engine, built from source, with this repository's stand-ins for the Kubernetes provider and the language host; the official ones were not measured. State is in files.

Servlets are copies of \`packages/servlets/greeter\`, 19 objects each. What is changed is one image digest. Before it sends anything, \`atlas deploy\` asks the cluster
what differs, so it runs no stack when nothing does and one stack when one servlet does. \`kubectl apply --server-side\` gets all objects in one file, and does not wait for Deployments; \`helm upgrade\` all
of them as the templates of one chart; "one big stack" is one Pulumi program with all servlets.

A first deployment by \`atlas deploy\` runs a stack for each servlet, two at once here, so it grows with their number; of ${most} it was not measured. Their objects came by kubectl, the
stack of the changed one was made before the rounds (round 0), and its state copied under the names of the others, so that the backend is as full. One big stack and Helm were measured with 1 and ${stacked} servlets, the latter once: a big stack
writes its whole state at every step, so it grows with the square.

Cost of one changed servlet, against the number of servlets:

\`\`\`mermaid
xychart-beta
  title "One changed, in seconds"
  x-axis "servlets" [1, ${middle}, ${most}]
  y-axis "seconds"
  line "atlas deploy" [${line('atlas deploy')}]
  line "kubectl apply" [${line('kubectl apply')}]
\`\`\`

| seconds (medians) | servlets | first | no-op | one changed |
| --- | --- | --- | --- | --- |
${table}
`,
  }
}

/** All objects in one file, as \`atlas render\` has them. */
async function rendered(company: Company): Promise<string> {
  const { stdout } = await company.atlas('render', '--env', 'bench', '--json', ...company.servlets)
  const objects = (JSON.parse(stdout) as { servlets: { objects: unknown[] }[] }).servlets.flatMap(
    (each) => each.objects,
  )
  const file = join(company.root, 'objects.json')
  await writeFile(file, JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects }))
  return file
}

/** A chart whose templates are the objects. What Helm would take for its own braces is written as a text that it prints. */
async function charted(company: Company): Promise<string> {
  const { stdout } = await company.atlas('render', '--env', 'bench', '--json', ...company.servlets)
  const { servlets } = JSON.parse(stdout) as { servlets: { name: string; objects: unknown[] }[] }
  const folder = join(company.root, 'chart')
  await mkdir(join(folder, 'templates'), { recursive: true })
  await writeFile(join(folder, 'Chart.yaml'), 'apiVersion: v2\nname: fleet\nversion: 0.1.0\n')
  for (const { name, objects } of servlets)
    await writeFile(
      join(folder, 'templates', `${name}.yaml`),
      objects.map((object) => `---\n${JSON.stringify(object).replaceAll('{{', '{{ "{{" }}')}\n`).join(''),
    )
  return folder
}
