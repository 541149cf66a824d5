import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { appendFile, rename } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { type Company, newCompany } from './company.ts'

const bin = resolve(import.meta.dirname, '../src/bin.ts')
const folder = '.atlas/local/logs'

const line = (servlet: string, second: number, fields: object = {}) =>
  `${JSON.stringify({ time: new Date(Date.UTC(2026, 0, 1, 0, 0, second)).toISOString(), level: 'info', servlet, message: `m${second}`, ...fields })}\n`

const messages = (stdout: string) => [...stdout.matchAll(/\bm\d+\b/g)].map(([message]) => message)

describe('atlas logs', () => {
  it('prints lines of all servlets in order of time, from the file before too, and no halves', async () => {
    await using company = await newCompany()
    await company.write(`${folder}/greeter.1.ndjson`, line('greeter', 1))
    await company.write(`${folder}/greeter.ndjson`, `${line('greeter', 3)}{"time":"20`)
    await company.write(`${folder}/links.ndjson`, line('links', 2) + line('links', 4, { level: 'error' }))
    const all = await company.atlas('logs')
    expect(all).toMatchObject({ code: 0, stderr: '' })
    expect(messages(all.stdout)).toEqual(['m1', 'm2', 'm3', 'm4'])
    expect(messages((await company.atlas('logs', 'greeter')).stdout)).toEqual(['m1', 'm3'])
    expect(messages((await company.atlas('logs', '--lines', '2')).stdout)).toEqual(['m3', 'm4'])
    expect(messages((await company.atlas('logs', '--since', '2026-01-01T00:00:02Z')).stdout)).toEqual([
      'm2',
      'm3',
      'm4',
    ])
    expect(messages((await company.atlas('logs', '--level', 'warn')).stdout)).toEqual(['m4'])
    expect((await company.atlas('logs', 'links', '--raw')).stdout).toBe(
      line('links', 2) + line('links', 4, { level: 'error' }),
    )
    const json = JSON.parse((await company.atlas('logs', 'links', '--json')).stdout)
    expect(json).toEqual({
      lines: [JSON.parse(line('links', 2)), JSON.parse(line('links', 4, { level: 'error' }))],
    })
  }, 60_000)

  it('has a log for each namespace', async () => {
    await using company = await newCompany()
    await company.write('.atlas/local.feature-x/logs/greeter.ndjson', line('greeter', 1))
    expect(messages((await company.atlas('logs', '--namespace', 'feature-x')).stdout)).toEqual(['m1'])
  })

  it('follows what is added, over a change of files, of servlets that come later too', async () => {
    await using company = await newCompany()
    await company.write(`${folder}/greeter.ndjson`, line('greeter', 1))
    await using following = await follow(company)
    await following.said('m1')
    const file = join(company.root, folder, 'greeter.ndjson')
    const text = line('greeter', 2)
    await appendFile(file, text.slice(0, 20))
    await appendFile(file, text.slice(20))
    await following.said('m2')
    await appendFile(file, line('greeter', 3))
    await rename(file, join(company.root, folder, 'greeter.1.ndjson'))
    await company.write(`${folder}/greeter.ndjson`, line('greeter', 4))
    await company.write(`${folder}/links.ndjson`, line('links', 5))
    await following.said('m5')
    await following.said('m4')
    expect(messages(following.output()).toSorted()).toEqual(['m1', 'm2', 'm3', 'm4', 'm5'])
  }, 60_000)

  it.each([
    ['a servlet that is not there', ['greter'], `did you mean 'greeter'?`],
    ['a time that is none', ['--since', 'yesterday'], 'neither so long ago'],
    ['a level that is none', ['--level', 'wran'], `did you mean 'warn'?`],
    ['a number that is none', ['--lines', 'x'], 'is not a number of lines'],
    ['a document without an end', ['--follow', '--json'], 'use --raw'],
  ])('refuses %s', async (_what, args, message) => {
    await using company = await newCompany()
    const { code, stderr } = await company.atlas('logs', ...args)
    expect(stderr).toContain(message)
    expect(code).toBe(2)
  })

  it('says where there is no log', async () => {
    await using company = await newCompany()
    expect(await company.atlas('logs')).toEqual({
      code: 0,
      stdout: '',
      stderr: 'no logs in .atlas/local/logs; npm start writes them\n',
    })
  })
})

async function follow(company: Company) {
  const child = spawn(process.execPath, [bin, 'logs', '--follow'], { cwd: company.root })
  let output = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text
  })
  const exit = once(child, 'exit')
  return {
    output: () => output,
    async said(text: string) {
      for (let waitedMs = 0; !output.includes(text); waitedMs += 20) {
        if (waitedMs > 120_000) throw new Error(`never said ${text}:\n${output}`)
        await new Promise((done) => setTimeout(done, 20))
      }
    },
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL')
      await exit
    },
  }
}
