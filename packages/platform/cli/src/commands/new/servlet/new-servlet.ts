import { CommandError, exitCode } from '../../../exit-code.ts'
import { canAsk } from '../../../interaction.ts'
import type { Output } from '../../../output.ts'
import { createServlet } from '../../../scaffold/create-servlet.ts'
import type { ServletRequest } from '../../../scaffold/plan-servlet.ts'
import type { NewServlet } from '../../../scaffold/servlet-spec.ts'
import { findRoot } from '../../../workspace/find-root.ts'

/** Options of `atlas new servlet`. */
export interface NewServletOptions extends Omit<ServletRequest, 'name'> {
  readonly cwd: string
  readonly name?: string | undefined
  readonly json: boolean
}

/** `atlas new servlet NAME`: a servlet that answers, with a test, ready to be changed. */
export async function newServlet(options: NewServletOptions, output: Output): Promise<number> {
  const { cwd, json, ...said } = options
  const root = await findRoot(cwd)
  const { servlet, written } = await createServlet(root, await requestOf(root, said, json))
  if (json) output.json({ servlet: servlet.name, written })
  else {
    for (const file of written) output.print(`wrote ${file}`)
    const hasDocument = written.some((file) => file.endsWith('/interface.json'))
    output.print(
      `next: npm install (links it), ${hasDocument ? '' : `npx atlas interface ${servlet.name}, `}npm start, then ${tryIt(servlet)}`,
    )
  }
  return exitCode.done
}

async function requestOf(
  root: string,
  { name, ...rest }: Omit<NewServletOptions, 'cwd' | 'json'>,
  json: boolean,
): Promise<ServletRequest> {
  if (canAsk(json)) return (await import('./interview.ts')).interview(root, { name, ...rest })
  if (name === undefined) throw new CommandError(`missing required argument 'name'`, exitCode.usage)
  return { name, ...rest }
}

function tryIt({ name, endpoint, route, access }: NewServlet): string {
  const [method, path = ''] = route.split(' ')
  if (access === 'internal') return `let another servlet call it (--calls ${name})`
  if (access === 'public' && method === 'GET')
    return `curl 127.0.0.1:8080${path.replace(/\{\w+\*?\}/g, 'ada')}`
  const input = [...path.matchAll(/\{(\w+)\*?\}/g)].map(([, field]) => `"${field}": "ada"`)
  const json = `{${(input.length > 0 ? input : ['"name": "ada"']).join(', ')}}`
  return `npx atlas call ${name}.${endpoint} '${json}'${access === 'user' ? ' --token TOKEN' : ''}`
}
