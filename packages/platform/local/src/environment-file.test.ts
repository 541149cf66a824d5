import { catalogOf } from '@atlas/manifest'
import { describe, expect, it } from 'vitest'
import { beginWith, EnvironmentUnreadable, environmentIn, goOnWith } from './environment-file.ts'

const broken = 'infra/environments/local.json'

/** The environment `local` of a workspace with this file, and nothing else. */
function read(text: string | undefined) {
  const { catalog, findings } = catalogOf({
    root: '/',
    packages: [],
    rootDependencies: {},
    environments: text === undefined ? [] : [{ name: 'local', file: broken, text }],
    findings: [],
  })
  return environmentIn(catalog, findings, 'local')
}

const groups = (name: string) => JSON.stringify({ groups: { both: [name] } })

describe('the file of the environment', () => {
  const notes: string[] = []
  const note = (message: string) => notes.push(message)

  it('need not be there', () => {
    notes.length = 0
    beginWith(read(undefined), note)
    beginWith(read('{}'), note)
    expect(notes).toEqual([])
  })

  it.each(['{ "groups": ', '{ "grups": {} }'])('that is no environment is refused: %s', (text) => {
    expect(() => beginWith(read(text), note)).toThrow(EnvironmentUnreadable)
    expect(() => beginWith(read(text), note)).toThrow(broken)
  })

  it('that names what is not there is said, and counts', () => {
    notes.length = 0
    const environment = read(groups('nobody'))
    beginWith(environment, note)
    expect(notes).toEqual([expect.stringContaining("there is no servlet 'nobody'")])
    expect(environment.environment?.groups).toEqual({ both: ['nobody'] })
  })

  it('that is broken later counts as it was, and is said once', () => {
    notes.length = 0
    const first = read(groups('a'))
    const second = goOnWith(first, read('{'), 'local', note)
    const third = goOnWith(second, read('{'), 'local', note)
    expect(third.environment).toBe(first.environment)
    expect(notes).toEqual([expect.stringContaining(`the environment is as before: ${broken}`)])
    expect(goOnWith(third, read('{}'), 'local', note)).toEqual(read('{}'))
    expect(notes.length).toBe(1)
  })

  it('that changes what the gateway was made with counts with the next start', () => {
    notes.length = 0
    const after = read('{ "cors": { "origins": ["http://localhost:3000"] }, "groups": {} }')
    goOnWith(read('{}'), after, 'local', note)
    expect(notes).toEqual([`${broken}: cors changed; that counts when the platform is started again`])
  })
})
