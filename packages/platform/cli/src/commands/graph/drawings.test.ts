import { describe, expect, it } from 'vitest'
import type { CallGraph } from './call-graph.ts'
import { asDot, asMermaid, asText } from './drawings.ts'

const graph: CallGraph = {
  servlets: [
    { name: 'end', owner: 'web' },
    { name: 'files', owner: 'storage' },
    { name: 'identity', owner: 'identity' },
    { name: 'file-search', owner: 'web' },
  ],
  calls: [
    { from: 'files', to: 'identity', endpoints: ['account', 'verify'] },
    { from: 'file-search', to: 'files', endpoints: ['list'] },
    { from: 'file-search', to: 'identity', endpoints: [] },
  ],
}

it('draws a tree, what was shown once as ...', () => {
  const twice = { ...graph, calls: [...graph.calls, { from: 'end', to: 'files', endpoints: ['stat'] }] }
  expect(asText(twice)).toEqual([
    'end',
    '└─ files (stat)',
    '   └─ identity (account, verify)',
    'file-search',
    '├─ files (list) ...',
    '└─ identity',
  ])
})

it('draws a cycle too, once', () => {
  const calls = [
    { from: 'files', to: 'identity', endpoints: [] },
    { from: 'identity', to: 'files', endpoints: [] },
  ]
  expect(asText({ servlets: graph.servlets.slice(1, 3), calls })).toEqual([
    'files',
    '└─ identity',
    '   └─ files ...',
  ])
})

describe('other formats', () => {
  it('are Mermaid, with names that are no words of it', () => {
    expect(asMermaid(graph)).toContain('    s_end["end"]')
    expect(asMermaid(graph)).toContain('  s_files -- "account<br/>verify" --> s_identity')
    expect(asMermaid(graph)).toContain('  s_file_search --> s_identity')
  })

  it('are Graphviz', () => {
    expect(asDot(graph).join('\n')).toContain('"files" -> "identity" [label="account\\nverify"]')
    expect(asDot(graph).at(-1)).toBe('}')
  })
})
