import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { type Api, type Running, sharedCluster } from '@atlas/tools-cluster'
import { requireTools, toolsNamed } from '@atlas/tools-toolchain'
import type { EngineEvent, PulumiFn, Stack } from '@pulumi/pulumi/automation/index.js'
import * as automation from '@pulumi/pulumi/automation/index.js'
import { fillHome } from '../home.ts'
import { parseUrn } from '../kinds.ts'

/** The root of this checkout. */
export const root: string = join(import.meta.dirname, '../../../..')

/** The folder of everything that these tests write; everything in it may be removed. */
export const scratch: string = join(root, '.atlas/pulumi-suite')

/** What a suite works with: a cluster, and an environment in which the engine finds its plugins. */
export interface Suite {
  readonly running: Running
  readonly api: Api
  readonly env: Record<string, string>
  /** A stack of an inline program; the program may be exchanged. */
  stack(name: string): Promise<TestStack>
  close(): Promise<void>
}

/** `create`, `update`, `replace` or `delete`, by the names that resources have in the program. */
export type Steps = Record<string, string>

/** A stack, and what it did. */
export interface TestStack {
  readonly stack: Stack
  /** Runs a program and resolves with how many resources were created, updated, replaced, deleted or left the same. */
  up(program: PulumiFn): Promise<Record<string, number>>
  preview(program: PulumiFn): Promise<Record<string, number>>
  /** Runs a program and resolves with what was done to which resource. */
  steps(program: PulumiFn): Promise<Steps>
  /** Whether a refresh finds anything changed. */
  refresh(): Promise<Record<string, number>>
  /** What a refresh finds of which resource. */
  drift(): Promise<Steps>
  /** Runs a program that fails, with everything that does not depend on what fails, and resolves with what it says. */
  failure(program: PulumiFn): Promise<string>
  destroy(): Promise<void>
}

/** Opens a suite on the cluster that all suites share. */
export async function openSuite(options: { addons?: string[] } = {}): Promise<Suite> {
  const { running, api, close } = await sharedCluster(options)
  await requireTools(toolsNamed(['pulumi']))
  // An official plugin is used where PULUMI_HOME has one.
  const home = process.env.ATLAS_TEST_PULUMI_HOME ?? join(scratch, 'home')
  await fillHome(home, root)
  const folder = join(scratch, `state-${process.pid}`)
  await mkdir(folder, { recursive: true })
  const env = {
    PULUMI_HOME: home,
    PULUMI_BACKEND_URL: `file://${folder}`,
    PULUMI_CONFIG_PASSPHRASE: 'only for tests',
    PULUMI_SKIP_UPDATE_CHECK: 'true',
    PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: 'true',
    KUBECONFIG: running.kubeconfig,
  }
  const command = await automation.PulumiCommand.get({
    root: join(home, 'versions', toolsNamed(['pulumi'])[0]!.version),
  })
  return {
    running,
    api,
    env,
    async stack(name) {
      const stack = await automation.LocalWorkspace.createOrSelectStack(
        { projectName: 'suite', stackName: name, program: async () => {} },
        { envVars: env, pulumiCommand: command },
      )
      const changes = (summary: unknown) => withoutSame(summary as Record<string, number> | undefined)
      return {
        stack,
        up: async (program) => {
          const { summary } = await stack.up({ program })
          return changes(summary.resourceChanges)
        },
        preview: async (program) => changes((await stack.preview({ program })).changeSummary),
        steps: (program) => stepsOf((onEvent) => stack.up({ program, onEvent })),
        drift: () => stepsOf((onEvent) => stack.refresh({ onEvent })),
        failure: (program) =>
          stack.up({ program, continueOnError: true }).then(
            () => 'it did not fail',
            (error: Error) => error.message,
          ),
        refresh: async () => changes((await stack.refresh()).summary.resourceChanges),
        destroy: async () => {
          await stack.destroy()
          await stack.workspace.removeStack(name)
        },
      }
    },
    async close() {
      close()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

/** What a run says that it has done to each resource, other than leaving it the same. */
async function stepsOf(run: (onEvent: (event: EngineEvent) => void) => Promise<unknown>): Promise<Steps> {
  const steps: Steps = {}
  await run((event) => {
    const { urn, op, type } = event.resOutputsEvent?.metadata ?? {}
    if (urn === undefined || op === 'same' || type?.startsWith('pulumi:')) return
    // Making the new one and removing the old one are steps of their own.
    steps[parseUrn(urn).name] = /replace/.test(op!) ? 'replace' : op!
  })
  return steps
}

/** What changed of the resources; the stack itself, which is one too, is only ever created and deleted. */
function withoutSame(summary: Record<string, number> | undefined): Record<string, number> {
  return Object.fromEntries(
    Object.entries(summary ?? {}).filter(([kind, count]) => kind !== 'same' && count > 0),
  )
}
