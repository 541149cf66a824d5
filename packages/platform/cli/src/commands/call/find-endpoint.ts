import { type EndpointDocument, type InterfaceDocument, parseInterfaceDocument } from '@atlas/interface'
import type { Workspace } from '@atlas/manifest'
import { CommandError, exitCode } from '../../exit-code.ts'
import { folderOf, servletsOf } from '../../interface/servlets-of.ts'
import { mustBeOneOf, suggestion } from '../../suggest.ts'

/** An endpoint as the interface document of its servlet describes it. */
export interface FoundEndpoint {
  readonly servlet: string
  readonly name: string
  readonly endpoint: EndpointDocument
  readonly document: InterfaceDocument
}

/**
 * The endpoint that `servlet.endpoint` names.
 *
 * @throws CommandError with what was probably meant, or how to get an interface document
 */
export function findEndpoint(workspace: Workspace, target: string): FoundEndpoint {
  const [servlet = '', name = '', ...more] = target.split('.')
  if (servlet === '' || name === '' || more.length > 0)
    throw new CommandError(
      `'${target}' is not SERVLET.ENDPOINT; write it as in greeter.greet${knownIn(workspace, servlet)}`,
      exitCode.usage,
    )
  const packages = servletsOf(workspace)
  mustBeOneOf('servlet', servlet, packages.map(folderOf))
  const document = documentOf(workspace, servlet)
  const names = Object.keys(document.endpoints)
  const endpoint = Object.hasOwn(document.endpoints, name) ? document.endpoints[name] : undefined
  if (!endpoint)
    throw new CommandError(
      `${servlet} has no endpoint '${name}'${suggestion(name, names, 'npx atlas routes lists what there is')}`,
      exitCode.usage,
    )
  return { servlet, name, endpoint, document }
}

function documentOf(workspace: Workspace, servlet: string): InterfaceDocument {
  const pkg = servletsOf(workspace).find((one) => folderOf(one) === servlet)!
  const text = pkg.texts['interface.json']
  const parsed = text === undefined ? undefined : parseInterfaceDocument(text)
  if (parsed?.ok) return parsed.value
  const why = parsed ? `cannot be read: ${parsed.problems[0]?.message}` : 'does not exist'
  throw new CommandError(`${pkg.dir}/interface.json ${why}; run npx atlas interface ${servlet}`)
}

/** The endpoints of a servlet that was named without one. */
function knownIn(workspace: Workspace, servlet: string): string {
  const pkg = servletsOf(workspace).find((one) => folderOf(one) === servlet)
  const parsed = parseInterfaceDocument(pkg?.texts['interface.json'] ?? '')
  return parsed.ok ? `; ${servlet} has ${Object.keys(parsed.value.endpoints).join(', ')}` : ''
}
