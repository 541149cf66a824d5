import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'

/** Who we are to a registry. */
export interface Credentials {
  readonly username: string
  readonly password: string
}

interface DockerConfig {
  readonly auths?: Readonly<Record<string, { readonly auth?: string; readonly identitytoken?: string }>>
  readonly credHelpers?: Readonly<Record<string, string>>
  readonly credsStore?: string
}

/**
 * What `docker login`, `crane auth login` or a cloud's helper left for a host: `config.json` in `DOCKER_CONFIG` or `~/.docker`.
 * Undefined for a host that is not in it: it may let anybody in.
 */
export async function credentialsFor(host: string): Promise<Credentials | undefined> {
  const file = join(process.env.DOCKER_CONFIG ?? join(homedir(), '.docker'), 'config.json')
  const config = await readFile(file, 'utf8').then(
    (text) => JSON.parse(text) as DockerConfig,
    () => ({}) as DockerConfig,
  )
  const names = host === 'registry-1.docker.io' ? ['https://index.docker.io/v1/'] : [host, `https://${host}`]
  for (const name of names) {
    const helper = config.credHelpers?.[name] ?? config.credsStore
    const helped = helper === undefined ? undefined : await askHelper(helper, name)
    if (helped) return helped
    const auth = config.auths?.[name]?.auth
    if (auth !== undefined) {
      const [username = '', ...password] = Buffer.from(auth, 'base64').toString('utf8').split(':')
      return { username, password: password.join(':') }
    }
  }
  return undefined
}

function askHelper(helper: string, host: string): Promise<Credentials | undefined> {
  return new Promise((resolve) => {
    const child = execFile(`docker-credential-${helper}`, ['get'], { timeout: 10_000 }, (error, stdout) => {
      if (error) return resolve(undefined)
      try {
        const { Username, Secret } = JSON.parse(stdout) as { Username: string; Secret: string }
        resolve({ username: Username, password: Secret })
      } catch {
        resolve(undefined)
      }
    })
    child.stdin?.on('error', () => {})
    child.stdin?.end(host)
  })
}
