import { catalogOf, isServletName, readWorkspace } from '@atlas/manifest'
import { ask, type Prompts } from '../../../ask.ts'
import type { LibraryRequest } from '../../../scaffold/create-library.ts'

/** What options said already; the rest is asked for. */
export type Said = Omit<LibraryRequest, 'name'> & { readonly name?: string | undefined }

/** Asks a person for a library: with a name given, only for what cannot be left out. */
export async function interview(root: string, said: Said, prompts: Prompts = ask): Promise<LibraryRequest> {
  const { catalog } = catalogOf(await readWorkspace(root))
  const teams = Object.keys(catalog.teams)
  const name =
    said.name ??
    (await prompts.text('What is it called?', {
      placeholder: 'json-documents',
      validate: (text) =>
        isServletName(text) ? undefined : 'lower-case words joined by hyphens, up to 40 characters',
    }))
  const owner =
    said.owner ?? (teams.length > 1 ? await prompts.select('Which team owns it?', teams) : undefined)
  const request = { ...said, name, owner }
  if (said.name !== undefined || said.visibility) return request
  const visibility = await prompts.several('Who may import it, besides packages of its owner?', [
    'public',
    ...teams.filter((team) => team !== owner).map((team) => `team:${team}`),
  ])
  return { ...request, visibility }
}
