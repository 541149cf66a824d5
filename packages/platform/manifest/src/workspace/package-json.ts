import * as z from 'zod'
import { errorFinding, type Parsed } from '../finding.ts'
import { readJson } from '../json-text.ts'
import type { PackageKind, PackageTexts, WorkspacePackage } from './workspace.ts'

const ranges = z.record(z.string(), z.string()).default({})

const packageJson = z.object({
  name: z.string().min(1),
  version: z.string().default('0.0.0'),
  dependencies: ranges,
  optionalDependencies: ranges,
  peerDependencies: ranges,
  devDependencies: ranges,
  exports: z.unknown().optional(),
  nx: z.object({ tags: z.array(z.string()).default([]) }).default({ tags: [] }),
})

/** Makes a package out of its package.json; a field of the wrong type is a finding. */
export function packageOf(dir: string, text: string, texts: PackageTexts): Parsed<WorkspacePackage> {
  const file = `${dir}/package.json`
  const json = readJson(text, file)
  if (!json.ok) return json
  const parsed = packageJson.safeParse(json.value)
  if (!parsed.success)
    return {
      ok: false,
      findings: parsed.error.issues.map((issue) =>
        errorFinding({
          rule: 'workspace/package',
          file,
          path: issue.path.join('.'),
          message: `is not what npm expects there (${issue.message})`,
          remedy: 'correct it as https://docs.npmjs.com/cli/configuring-npm/package-json says',
        }),
      ),
    }
  const {
    name,
    version,
    dependencies,
    optionalDependencies,
    peerDependencies,
    devDependencies,
    exports,
    nx,
  } = parsed.data
  const row = nx.tags.map((tag) => /^row:(\d+)$/.exec(tag)?.[1]).find((match) => match !== undefined)
  const value: WorkspacePackage = {
    name,
    dir,
    kind: kindOf(dir, texts),
    version,
    tags: nx.tags,
    dependencies: { ...peerDependencies, ...optionalDependencies, ...dependencies },
    devDependencies,
    texts,
    ...(row !== undefined && { row: Number(row) }),
    ...(exports !== undefined && { exports }),
  }
  return { ok: true, value, findings: [] }
}

const rootJson = z.object({
  workspaces: z.union([
    z.array(z.string()),
    z.object({ packages: z.array(z.string()) }).transform((w) => w.packages),
  ]),
  dependencies: ranges,
  devDependencies: ranges,
})

/** What the root's package.json says about the workspace. */
export interface WorkspaceRoot {
  /** The globs of the folders of its packages. */
  readonly globs: readonly string[]
  readonly dependencies: Readonly<Record<string, string>>
}

/** Reads the root's package.json. */
export function workspaceRootOf(text: string): Parsed<WorkspaceRoot> {
  const json = readJson(text, 'package.json')
  if (!json.ok) return json
  const parsed = rootJson.safeParse(json.value)
  if (!parsed.success)
    return {
      ok: false,
      findings: [
        errorFinding({
          rule: 'workspace/root',
          file: 'package.json',
          path: parsed.error.issues[0]?.path.join('.') ?? '',
          message: 'does not say where the packages of the workspace are',
          remedy:
            'run this in the root of a workspace, or add "workspaces": ["packages/servlets/*", "packages/libraries/*"]',
        }),
      ],
    }
  const { workspaces, dependencies, devDependencies } = parsed.data
  return {
    ok: true,
    value: { globs: workspaces, dependencies: { ...devDependencies, ...dependencies } },
    findings: [],
  }
}

/** A manifest says what a package is; without one its place does. */
function kindOf(dir: string, texts: PackageTexts): PackageKind {
  if (texts['servlet.json'] !== undefined) return 'servlet'
  if (texts['library.json'] !== undefined) return 'library'
  if (dir.startsWith('packages/servlets/')) return 'servlet'
  if (dir.startsWith('packages/libraries/')) return 'library'
  if (dir.startsWith('packages/platform/')) return 'platform'
  return dir === 'infra' || dir.startsWith('infra/') ? 'infra' : 'tool'
}
