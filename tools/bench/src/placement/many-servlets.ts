import { copyFile, mkdir, readFile, symlink, writeFile } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'

const repo = resolve(import.meta.dirname, '../../../..')
const original = join(repo, 'packages/servlets/greeter')

/** The name of one of many servlets. */
export function nameOf(index: number): string {
  return `greeter-${String(index).padStart(4, '0')}`
}

/** What one of many answers at. */
export function pathOf(index: number): string {
  return `/greet-${String(index).padStart(4, '0')}/ada`
}

/** The file with the handler of one of many. */
export function servletFile(root: string, index: number): string {
  return join(root, 'packages/servlets', nameOf(index), 'src/servlet.ts')
}

/** The packages that servlets and the platform need, linked in place of installed. */
export async function linkPackages(root: string): Promise<void> {
  await symlink(join(repo, 'node_modules'), join(root, 'node_modules'))
}

/** Makes a workspace of so many copies of the greeter, each with its own name and route, numbered from `first` on. */
export async function manyServlets(root: string, count: number, first = 0): Promise<void> {
  await mkdir(join(root, 'infra/environments'), { recursive: true })
  await writeFile(
    join(root, 'package.json'),
    JSON.stringify({ name: 'many', private: true, type: 'module', workspaces: ['packages/servlets/*'] }),
  )
  await copyFile(join(repo, 'infra/teams.json'), join(root, 'infra/teams.json'))
  await writeFile(join(root, 'infra/environments/local.json'), '{}')
  const files = ['package.json', 'servlet.json', 'interface.json', 'src/contract.ts', 'src/servlet.ts']
  const texts = await Promise.all(files.map((file) => readFile(join(original, file), 'utf8')))
  for (let index = first; index < first + count; index++) {
    const folder = join(root, 'packages/servlets', nameOf(index))
    await mkdir(join(folder, 'src'), { recursive: true })
    for (const [at, file] of files.entries()) await writeFile(join(folder, file), copied(texts[at]!, index))
  }
}

/** The text of a file of the greeter as its copy has it. */
function copied(text: string, index: number): string {
  return text
    .replaceAll("contract('greeter'", `contract('${nameOf(index)}'`)
    .replaceAll('"@acme/greeter"', `"@acme/${nameOf(index)}"`)
    .replaceAll('"name": "greeter"', `"name": "${nameOf(index)}"`)
    .replaceAll('/greet/', `${dirname(pathOf(index))}/`)
}
