import { glob, readFile } from 'node:fs/promises'
import { basename, join, resolve } from 'node:path'
import { errorFinding, type Finding, inOrder } from '../finding.ts'
import { readMigrations } from '../migrations/read-migrations.ts'
import { mapBounded } from './bounded.ts'
import { packageOf, type WorkspaceRoot, workspaceRootOf } from './package-json.ts'
import type { Workspace, WorkspaceFile, WorkspacePackage } from './workspace.ts'

const filesAtOnce = 32

/**
 * Reads a workspace: its packages, environments and teams. Reads files and does nothing else, so all that follows from
 * them can be computed, and tested, without a disk. Never throws over what is in them: see `findings`.
 */
export async function readWorkspace(root: string): Promise<Workspace> {
  const absolute = resolve(root)
  const findings: Finding[] = []
  const read = (file: string) => readText(absolute, file, findings)
  const [rootPackage, environments, teams] = await Promise.all([
    readRoot(read, findings),
    readEnvironments(absolute, read),
    read('infra/teams.json'),
  ])
  const dirs = await packageDirs(absolute, rootPackage.globs)
  const packages = await mapBounded(dirs, filesAtOnce, (dir) => readPackage(absolute, dir, read, findings))
  return {
    root: absolute,
    packages: packages.filter((found) => found !== undefined),
    rootDependencies: rootPackage.dependencies,
    environments,
    ...(teams !== undefined && { teams: { file: 'infra/teams.json', text: teams } }),
    findings: inOrder(findings),
  }
}

type Read = (file: string) => Promise<string | undefined>

async function readRoot(read: Read, findings: Finding[]): Promise<WorkspaceRoot> {
  const root = workspaceRootOf((await read('package.json')) ?? '{}')
  findings.push(...root.findings)
  return root.ok ? root.value : { globs: [], dependencies: {} }
}

async function readPackage(
  root: string,
  dir: string,
  read: Read,
  findings: Finding[],
): Promise<WorkspacePackage | undefined> {
  const [text, servlet, library, document] = await Promise.all(
    ['package.json', 'servlet.json', 'library.json', 'interface.json'].map((name) => read(`${dir}/${name}`)),
  )
  if (text === undefined) {
    if (servlet !== undefined || library !== undefined)
      findings.push(
        errorFinding({
          rule: 'workspace/package',
          file: `${dir}/package.json`,
          path: '',
          message: `is missing beside ${servlet === undefined ? 'library.json' : 'servlet.json'}`,
          remedy: 'add one with name, version and exports, or remove the folder',
        }),
      )
    return undefined
  }
  const made = packageOf(dir, text, {
    ...(servlet !== undefined && { 'servlet.json': servlet }),
    ...(library !== undefined && { 'library.json': library }),
    ...(document !== undefined && { 'interface.json': document }),
  })
  findings.push(...made.findings)
  if (!made.ok) return undefined
  if (servlet === undefined) return made.value
  const migrations = await migrationsIn(root, dir, findings)
  return migrations ? { ...made.value, migrations } : made.value
}

async function migrationsIn(
  root: string,
  dir: string,
  findings: Finding[],
): Promise<WorkspacePackage['migrations']> {
  try {
    const migrations = await readMigrations(root, dir)
    return Object.keys(migrations).length === 0 ? undefined : migrations
  } catch (error) {
    findings.push(
      errorFinding({
        rule: 'workspace/unreadable',
        file: `${dir}/migrations`,
        path: '',
        message: `cannot be read (${(error as NodeJS.ErrnoException).code ?? String(error)})`,
        remedy: 'make it readable',
      }),
    )
    return undefined
  }
}

async function readEnvironments(root: string, read: Read): Promise<(WorkspaceFile & { name: string })[]> {
  const files: string[] = []
  for await (const found of glob('infra/environments/*.json', { cwd: root })) files.push(posix(found))
  const own = files.filter((file) => !file.endsWith('.lock.json')).sort()
  const texts = await mapBounded(own, filesAtOnce, read)
  return own.flatMap((file, index) => {
    const text = texts[index]
    return text === undefined ? [] : [{ name: basename(file, '.json'), file, text }]
  })
}

/** Folders that the workspace globs name, as npm understands them: a later `!glob` takes folders out again. */
async function packageDirs(root: string, globs: readonly string[]): Promise<string[]> {
  const dirs = new Set<string>()
  for (const pattern of globs) {
    const negated = pattern.startsWith('!')
    const folder = pattern
      .replace(/^!/, '')
      .replace(/^\.?\//, '')
      .replace(/\/$/, '')
    for await (const found of glob(folder, {
      cwd: root,
      exclude: (name) => basename(name) === 'node_modules',
    })) {
      if (negated) dirs.delete(posix(found))
      else dirs.add(posix(found))
    }
  }
  return [...dirs].sort()
}

async function readText(root: string, file: string, findings: Finding[]): Promise<string | undefined> {
  try {
    return await readFile(join(root, file), 'utf8')
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    // ENOTDIR: a glob matched a file, such as packages/servlets/README.md.
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined
    findings.push(
      errorFinding({
        rule: 'workspace/unreadable',
        file,
        path: '',
        message: `cannot be read (${code ?? String(error)})`,
        remedy: code === 'EISDIR' ? 'remove the folder of that name' : 'make it readable',
      }),
    )
    return undefined
  }
}

function posix(path: string): string {
  return path.replaceAll('\\', '/')
}
