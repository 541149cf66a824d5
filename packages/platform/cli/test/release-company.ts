import { pinDebian } from '@atlas/release'
import { startNpm, startOci, type TestRegistry } from '@atlas/tools-registries'
import { type Company, committed, git, newCompany } from './company.ts'

/** Real registries of packages and of images, and the text of an infra/base-image.json. */
export interface ReleaseRegistries {
  readonly npm: TestRegistry
  readonly oci: TestRegistry
  readonly base: string
  close(): Promise<void>
}

/** Starts registries that the tests of a file share. */
export async function releaseRegistries(): Promise<ReleaseRegistries> {
  const npm = await startNpm()
  const oci = await startOci()
  return {
    npm,
    oci,
    base: JSON.stringify(await pinDebian()),
    close: async () => {
      await npm.close()
      await oci.close()
    },
  }
}

/**
 * A company with a remote, and an environment that takes releases. Tests share registries, so each has packages of a scope of
 * its own.
 *
 * @param base the text of infra/base-image.json
 */
export async function companyWithRemote(scope: string, base: string): Promise<Company> {
  const company = await newCompany()
  await company.write('infra/base-image.json', `${base}\n`)
  await company.write(
    'infra/environments/production.json',
    '{ "registry": "registry.example/acme", "cluster": "p" }\n',
  )
  const file = 'packages/servlets/greeter/package.json'
  await company.write(file, (await company.read(file)).replaceAll('@acme/greeter', `@${scope}/greeter`))
  await committed(company)
  await git(company.root, 'config', 'user.name', 'Ada')
  await git(company.root, 'config', 'user.email', 'ada@example.com')
  await git(company.root, 'init', '--quiet', '--bare', '--initial-branch', 'main', '../remote.git')
  await git(company.root, 'remote', 'add', 'origin', '../remote.git')
  await git(company.root, 'push', '--quiet', '-u', 'origin', 'main')
  return company
}
