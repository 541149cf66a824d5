import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Prompts } from '../../../ask.ts'
import { interview } from './interview.ts'

let root: string

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'atlas-interview-'))
  await mkdir(join(root, 'infra'))
  await writeFile(join(root, 'package.json'), '{ "workspaces": ["packages/*/*"] }')
  await writeFile(
    join(root, 'infra/teams.json'),
    '{ "web": { "name": "Web", "contact": "#web" }, "storage": { "name": "Storage", "contact": "#s" } }',
  )
})

afterAll(() => rm(root, { recursive: true }))

/** Answers by what is asked, and remembers it. */
function person(
  answers: Readonly<Record<string, string | string[]>>,
): Prompts & { readonly asked: string[] } {
  const asked: string[] = []
  const answer = (message: string): any => {
    asked.push(message)
    const key = Object.keys(answers).find((part) => message.includes(part))
    if (key === undefined) throw new Error(`nobody expected the question '${message}'`)
    return answers[key]
  }
  return { asked, text: answer, select: answer, several: answer }
}

it('asks for everything that people decide where nothing was said', async () => {
  const answers = {
    called: 'links',
    team: 'storage',
    scope: '@acme',
    sentence: '',
    'endpoint answer': 'POST /links',
    'Who may': 'user',
    keep: ['postgres', 'blobs'],
  }
  expect(await interview(root, {}, person(answers))).toEqual({
    name: 'links',
    owner: 'storage',
    scope: '@acme',
    description: undefined,
    route: 'POST /links',
    access: 'user',
    store: ['data=postgres', 'content=blobs'],
    calls: [],
  })
})

it('asks for what cannot be left out only, where the name was said', async () => {
  const somebody = person({ team: 'web', scope: '@acme' })
  expect(await interview(root, { name: 'links', store: ['a=blobs'] }, somebody)).toEqual({
    name: 'links',
    owner: 'web',
    scope: '@acme',
    store: ['a=blobs'],
  })
  expect(somebody.asked).toHaveLength(2)
})

it('asks for nothing that was said', async () => {
  const said = { name: 'links', owner: 'web', scope: '@acme' }
  expect(await interview(root, said, person({}))).toEqual(said)
})
