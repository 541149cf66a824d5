import { cliPage } from './pages/cli-page.ts'
import { codesPage } from './pages/codes-page.ts'
import { errorsPage } from './pages/errors-page.ts'
import { manifestPage } from './pages/manifest-page.ts'
import { objectsPage } from './pages/objects-page.ts'
import { rulesPage } from './pages/rules-page.ts'

/** The folder of the generated pages, relative to the root of the workspace. */
export const referenceFolder = 'docs/reference'

/** All pages of the reference, by file name. */
export async function pages(): Promise<ReadonlyMap<string, string>> {
  const [cli, errors, objects] = await Promise.all([cliPage(), errorsPage(), objectsPage()])
  return new Map([
    ['cli.md', cli],
    ['codes.md', codesPage()],
    ['errors.md', errors],
    ['manifest.md', manifestPage()],
    ['objects.md', objects],
    ['rules.md', rulesPage()],
  ])
}
