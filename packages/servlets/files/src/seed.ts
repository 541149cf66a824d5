import { people } from '@acme/demo'
import { identity } from '@acme/identity/contract'
import type { Seed } from '@atlas/sdk'
import { files } from './contract.ts'

/** What everybody has, by path. */
const trees: Readonly<Record<keyof typeof people, Readonly<Record<string, Blob>>>> = {
  ada: {
    'notes/engine.md': markdown(
      '# The engine\n\n- [x] the mill\n- [ ] the **store**\n\n| card | means |\n| --- | --- |\n| V1 | add |\n',
    ),
    'notes/reading.md': markdown('# Reading\n\n1. Sketch of the Analytical Engine\n2. Bernoulli numbers\n'),
    'numbers/bernoulli.csv': text('n,B(n)\n0,1\n1,"1/2"\n2,"1/6"\n4,"-1/30"\n', 'text/csv'),
    'pictures/wheel.svg': text(
      '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><circle cx="4.5" cy="4.5" r="4"/></svg>',
      'image/svg+xml',
    ),
  },
  grace: {
    'compilers/plan.md': markdown('# Plan\n\n1. Words instead of numbers\n2. Everybody else comes round\n'),
    'log.txt': text('15:45 Relay #70 Panel F (moth) in relay.\n', 'text/plain'),
  },
  linus: { 'kernel/todo.txt': text('just a hobby, will not be big\n', 'text/plain') },
}

export default (async ({ clientOf, log }) => {
  for (const [who, tree] of Object.entries(trees) as [keyof typeof people, Record<string, Blob>][]) {
    const { token } = await clientOf(identity).signIn(people[who])
    for (const [path, body] of Object.entries(tree)) {
      const uploaded = await clientOf(files, { token }).upload.result({ path, body, ifMatch: 'none' })
      // 'changed' says that it is there already.
      if (uploaded.ok) log(`uploaded ${path} for ${people[who].name}`)
      else if (uploaded.error.kind !== 'changed') throw uploaded.error
    }
  }
}) satisfies Seed

function markdown(content: string): Blob {
  return text(content, 'text/markdown')
}

function text(content: string, type: string): Blob {
  return new Blob([content], { type })
}
