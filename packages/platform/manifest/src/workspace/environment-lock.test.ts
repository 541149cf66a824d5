import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import {
  LockError,
  lockedEnvironments,
  lockText,
  parseLock,
  readLock,
  readLocks,
} from './environment-lock.ts'

const digest = `sha256:${'a'.repeat(64)}`
const greeter = { version: '1.4.0', digest }

describe('a lock', () => {
  it('is one text, whatever the order it was made in', () => {
    const text = `{\n  "files": "2.0.0-rc.1@${digest}",\n  "greeter": "1.4.0@${digest}"\n}\n`
    const lock = { greeter, files: { version: '2.0.0-rc.1', digest } }
    expect(lockText(lock)).toBe(text)
    expect(parseLock(text, 'prod.lock.json')).toEqual(lock)
    expect(Object.keys(parseLock(lockText({ b: greeter, a: greeter }), 'prod.lock.json'))).toEqual(['a', 'b'])
  })

  it('says nothing of what it does not name', () => {
    const lock = parseLock(`{ "$schema": "x", "greeter": "1.4.0@${digest}" }`, 'prod.lock.json')
    expect(Object.keys(lock)).toEqual(['greeter'])
    expect(lock.constructor).toBeUndefined()
  })

  it.each([
    ['{', 'prod.lock.json is no JSON ('],
    ['[]', 'prod.lock.json is no object of servlets'],
    ['null', 'prod.lock.json is no object of servlets'],
    ['{"greeter":"1.4.0"}', 'prod.lock.json (greeter): "1.4.0" is no "version@sha256:'],
    [`{"greeter":"latest@${digest}"}`, '(greeter): "latest@sha256:'],
    ['{"greeter":"1.4.0@sha256:abc"}', '(greeter): "1.4.0@sha256:abc" is no'],
    ['{"greeter":{}}', '(greeter): {} is no'],
  ])('that says %s is refused with the remedy', (text, message) => {
    const parse = () => parseLock(text, 'prod.lock.json')
    expect(parse).toThrow(LockError)
    expect(parse).toThrow(message)
    expect(parse).toThrow('restore it with git checkout HEAD -- prod.lock.json')
  })
})

describe('locks of a workspace', () => {
  let root: string
  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'atlas-locks-'))
    await mkdir(join(root, 'infra/environments'), { recursive: true })
  })
  afterEach(() => rm(root, { recursive: true }))
  const write = (file: string, text: string) => writeFile(join(root, 'infra/environments', file), text)

  it('are read by environment; one that has none runs nothing', async () => {
    await write('staging.lock.json', `{"greeter":"1.4.0@${digest}"}`)
    await write('prod.lock.json', '{}')
    await write('local.json', '{}')
    expect(await lockedEnvironments(root)).toEqual(['prod', 'staging'])
    expect(await readLocks(root)).toEqual({ prod: {}, staging: { greeter } })
    expect(await readLock(root, 'local')).toEqual({})
  })

  it('that cannot be read are named', async () => {
    await mkdir(join(root, 'infra/environments/prod.lock.json'))
    await expect(readLock(root, 'prod')).rejects.toThrow(
      'infra/environments/prod.lock.json cannot be read (EISDIR); remove the folder of that name',
    )
    await write('staging.lock.json', '{')
    await expect(readLocks(root)).rejects.toThrow(LockError)
  })
})
