/** The kinds of stores that images can open, each by a module of `@atlas/pod`. */
const openers = ['blobs', 'postgres']

/** The text of the module that an image starts: the servlet, and of the platform what this servlet needs. */
export function entryOf(dir: string, storeKinds: readonly string[]): string {
  const used = openers.filter((kind) => storeKinds.includes(kind))
  return [
    `import servlet from './${dir}/src/servlet.ts'`,
    `import { runServlet } from '@atlas/pod'`,
    ...used.map((kind) => `import { ${kind} } from '@atlas/pod/${kind}'`),
    `await runServlet(servlet, { folder: new URL('./${dir}/', import.meta.url), openers: { ${used.join(', ')} } })`,
    '',
  ].join('\n')
}
