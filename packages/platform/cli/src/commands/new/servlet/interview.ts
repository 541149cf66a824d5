import { parseRoute } from '@atlas/contract'
import { catalogOf, isServletName, readWorkspace } from '@atlas/manifest'
import { ask, type Prompts } from '../../../ask.ts'
import { knownScope } from '../../../scaffold/fitting.ts'
import { isScope } from '../../../scaffold/names.ts'
import type { ServletRequest } from '../../../scaffold/plan-servlet.ts'

/** What options said already; the rest is asked for. */
export type Said = Omit<ServletRequest, 'name'> & { readonly name?: string | undefined }

/**
 * Asks a person for a servlet. With a name given, only for what cannot be left out; without, for what most people
 * want to decide.
 */
export async function interview(root: string, said: Said, prompts: Prompts = ask): Promise<ServletRequest> {
  const workspace = await readWorkspace(root)
  const { catalog } = catalogOf(workspace)
  const teams = Object.keys(catalog.teams)
  const everything = said.name === undefined
  const name =
    said.name ??
    (await prompts.text('What is it called?', { placeholder: 'file-links', validate: nameProblem }))
  const owner =
    said.owner ?? (teams.length > 1 ? await prompts.select('Which team owns it?', teams) : undefined)
  const scope =
    said.scope ??
    (knownScope(workspace) === undefined
      ? await prompts.text('Which npm scope do your packages have?', {
          placeholder: '@acme',
          validate: scopeProblem,
        })
      : undefined)
  const request = { ...said, name, owner, scope }
  if (!everything) return request
  const description =
    said.description ?? (await prompts.text('What is it for, in a sentence?', { optional: true }))
  const route =
    said.route ??
    (await prompts.text('Where does its first endpoint answer?', {
      initial: `GET /${name}/{name}`,
      validate: routeProblem,
    }))
  const access = said.access ?? (await prompts.select('Who may call that?', ['public', 'user', 'internal']))
  const kinds = said.store ? [] : await prompts.several('What does it keep?', ['postgres', 'blobs'])
  const others = catalog.servlets.map((servlet) => servlet.name)
  const calls =
    said.calls ?? (others.length > 0 ? await prompts.several('Which servlets does it call?', others) : [])
  return {
    ...request,
    description: description === '' ? undefined : description,
    route,
    access,
    store: said.store ?? kinds.map((kind) => `${kind === 'postgres' ? 'data' : 'content'}=${kind}`),
    calls,
  }
}

function nameProblem(text: string): string | undefined {
  return isServletName(text) ? undefined : 'lower-case words joined by hyphens, up to 40 characters'
}

function scopeProblem(text: string): string | undefined {
  return isScope(text) ? undefined : 'write it as @acme'
}

function routeProblem(text: string): string | undefined {
  const parsed = parseRoute(text)
  return parsed.ok ? undefined : parsed.message
}
