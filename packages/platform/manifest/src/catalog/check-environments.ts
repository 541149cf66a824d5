import { errorFinding, type Finding } from '../finding.ts'
import { nearest } from '../nearest.ts'
import { configType } from '../schema/config-value.ts'
import { isServletName } from '../schema/names.ts'
import type { Drafts, EnvironmentDraft, ServletDraft } from './drafts.ts'
import { manifestIn } from './manifest-in.ts'

type Servlets = ReadonlyMap<string, ServletDraft>

/** What environments say about servlets must be about servlets that exist. */
export function checkEnvironments({ environments, servlets }: Drafts): Finding[] {
  const byName = new Map(servlets.map((servlet) => [servlet.name, servlet]))
  return environments.flatMap((draft) => [
    ...checkName(draft),
    ...checkAuthenticator(draft, byName),
    ...checkUsers(draft, servlets),
    ...checkGroups(draft, byName),
    ...checkConfig(draft, byName),
    ...checkDefaults(draft, servlets),
    ...(['config', 'pins', 'freezes'] as const).flatMap((field) =>
      Object.keys(draft.environment[field])
        .filter((name) => name !== '*')
        .flatMap((name) => checkServlet(draft, name, `${field}.${name}`, byName)),
    ),
  ])
}

function checkName({ name, file }: EnvironmentDraft): Finding[] {
  if (isServletName(name)) return []
  return [
    errorFinding({
      rule: 'environment/name',
      file,
      path: '',
      message: `'${name}' is not a name for an environment`,
      remedy: 'rename the file: lower-case words joined by hyphens, as in production-eu.json',
    }),
  ]
}

function checkServlet({ file }: EnvironmentDraft, name: string, path: string, servlets: Servlets): Finding[] {
  if (servlets.has(name)) return []
  const near = nearest(name, servlets.keys())
  return [
    errorFinding({
      rule: 'environment/servlet',
      file,
      path,
      message: `there is no servlet '${name}'`,
      remedy: near === undefined ? 'remove it' : `write '${near}', or remove it`,
    }),
  ]
}

function checkAuthenticator({ file, environment }: EnvironmentDraft, servlets: Servlets): Finding[] {
  const { authenticator } = environment
  if (authenticator === undefined) return []
  const [servlet = '', endpoint = ''] = authenticator.split('.')
  const found = servlets.get(servlet)
  // Without an interface document the endpoints are not known; that is a finding of its own.
  if (found && !found.document) return []
  const endpoints = [...servlets.values()].flatMap(({ name, document }) =>
    Object.keys(document?.endpoints ?? {}).map((each) => `${name}.${each}`),
  )
  if (endpoints.includes(authenticator)) return []
  const near = nearest(authenticator, endpoints)
  return [
    errorFinding({
      rule: 'environment/authenticator',
      file,
      path: 'authenticator',
      message: found ? `${servlet} has no endpoint '${endpoint}'` : `there is no servlet '${servlet}'`,
      remedy:
        near === undefined
          ? 'name an endpoint as servlet.endpoint, or remove it'
          : `write '${near}', or remove it`,
    }),
  ]
}

/** A warning, because an environment that nobody signs in to may be meant. */
function checkUsers({ file, environment }: EnvironmentDraft, servlets: readonly ServletDraft[]): Finding[] {
  if (environment.authenticator !== undefined) return []
  const asking = servlets.find(({ document }) =>
    [...Object.values(document?.endpoints ?? {}), ...Object.values(document?.mounts ?? {})].some(
      ({ access }) => access === 'user',
    ),
  )
  if (!asking) return []
  const { severity: _, ...finding } = errorFinding({
    rule: 'environment/authenticator',
    file,
    path: 'authenticator',
    message: `is not set, so endpoints with access "user" refuse everybody here, those of ${asking.name} among them`,
    remedy: 'name the endpoint that says who a user is, as in "identity.verify"',
  })
  return [{ ...finding, severity: 'warning' }]
}

function checkGroups(draft: EnvironmentDraft, servlets: Servlets): Finding[] {
  const placed = new Map<string, string>()
  return Object.entries(draft.environment.groups).flatMap(([group, names]) =>
    names.flatMap((name, index) => {
      const path = `groups.${group}.${index}`
      const other = placed.get(name)
      placed.set(name, group)
      const twice = other !== undefined && [
        errorFinding({
          rule: 'environment/group',
          file: draft.file,
          path,
          message: `'${name}' is in the group '${other}' already`,
          remedy: 'remove it from one of them',
        }),
      ]
      return [...checkServlet(draft, name, path, servlets), ...(twice || [])]
    }),
  )
}

function checkConfig({ file, environment }: EnvironmentDraft, servlets: Servlets): Finding[] {
  return Object.entries(environment.config).flatMap(([name, values]) => {
    const servlet = servlets.get(name)
    const declared = servlet?.manifest?.config
    if (!declared) return []
    return Object.entries(values).flatMap(([key, value]) => {
      const own = Object.hasOwn(declared, key) ? declared[key] : undefined
      const near = nearest(key, Object.keys(declared))
      const finding = { rule: 'environment/config', file, path: `config.${name}.${key}` }
      if (own === undefined)
        return errorFinding({
          ...finding,
          message: `${name} has no config value '${key}'`,
          remedy:
            near === undefined
              ? `remove it, or declare it in ${servlet.files.manifest}`
              : `write '${near}', or remove it`,
        })
      if (configType(own) === configType(value)) return []
      return errorFinding({
        ...finding,
        message: `is of type ${configType(value)}; ${name} declares it as ${configType(own)}`,
        remedy: `give a value of type ${configType(own)}, as in ${JSON.stringify(own)}`,
      })
    })
  })
}

function checkDefaults(
  { file, name, environment }: EnvironmentDraft,
  servlets: readonly ServletDraft[],
): Finding[] {
  if (Object.keys(environment.defaults).length === 0) return []
  return servlets.flatMap(({ name: servlet, pkg, written }) => {
    if (!written) return []
    const merged = manifestIn({ ...environment, config: {} }, { name: servlet, dir: pkg.dir, written })
    return merged.findings.map(({ path, message }) =>
      errorFinding({
        rule: 'environment/defaults',
        file,
        path: `defaults.${path}`,
        message: `contradicts the servlet ${servlet}: with its servlet.json, ${path} in ${name} ${message}`,
        remedy: `change the default, or give ${path} in ${pkg.dir}/servlet.json`,
      }),
    )
  })
}
