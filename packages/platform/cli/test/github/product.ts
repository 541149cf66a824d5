import { cp, mkdir, readdir, readFile, stat, symlink } from 'node:fs/promises'
import { basename, join, resolve } from 'node:path'
import { type Company, emptyFolder } from '../company.ts'

const repo = resolve(import.meta.dirname, '../../../../..')

/** A workspace with copies of the product's servlets and libraries, with the platform linked in place of installed. */
export async function productCopy(): Promise<Company> {
  const company = await emptyFolder('product', false)
  const { root } = company
  const modules = join(root, 'node_modules')
  await mkdir(join(modules, '@acme'), { recursive: true })
  for (const name of await readdir(join(repo, 'node_modules')))
    if (name !== '@acme') await symlink(join(repo, 'node_modules', name), join(modules, name))
  for (const folder of ['packages/servlets', 'packages/libraries', 'infra'])
    await cp(join(repo, folder), join(root, folder), {
      recursive: true,
      filter: (path) => basename(path) !== 'node_modules' && basename(path) !== '.atlas',
    })
  await cp(join(repo, 'tsconfig.base.json'), join(root, 'tsconfig.base.json'))
  for (const folder of ['packages/servlets', 'packages/libraries'])
    for (const name of await readdir(join(root, folder))) {
      const text = await readFile(join(root, folder, name, 'package.json'), 'utf8').catch(() => undefined)
      // What is left of a package that is gone.
      if (text === undefined) continue
      await symlink(join(root, folder, name), join(modules, (JSON.parse(text) as { name: string }).name))
      // Versions of packages that it has for itself.
      const own = join(repo, folder, name, 'node_modules')
      if (await stat(own).catch(() => undefined)) await symlink(own, join(root, folder, name, 'node_modules'))
    }
  const workspaces = ['packages/servlets/*', 'packages/libraries/*']
  await company.write(
    'package.json',
    JSON.stringify({ name: 'product', version: '0.0.0', private: true, workspaces }),
  )
  return company
}
