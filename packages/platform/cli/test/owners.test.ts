import { expect, it } from 'vitest'
import { newCompany } from './company.ts'

const file = '.github/CODEOWNERS'

it('atlas owners writes who reviews what, and atlas check refuses it when it is stale', async () => {
  await using company = await newCompany()
  await company.atlas('interface')
  expect(await company.atlas('check')).toMatchObject({ code: 0 })
  expect(await company.atlas('owners', '--check')).toMatchObject({ code: 1 })
  const made = await company.atlas('owners', '--json')
  expect(made).toMatchObject({ code: 0 })
  expect(JSON.parse(made.stdout)).toEqual({ file, fresh: false, written: true })
  expect(await company.read(file)).toMatch(/^\/packages\/servlets\/greeter\/ @web$/m)
  expect(await company.atlas('owners', '--check')).toMatchObject({ code: 0 })
  expect(await company.atlas('check')).toMatchObject({ code: 0 })

  const teams = JSON.parse(await company.read('infra/teams.json')) as Record<string, object>
  const members = ['ada', 'grace@example.com']
  await company.write('infra/teams.json', JSON.stringify({ ...teams, web: { ...teams.web, members } }))
  const stale = await company.atlas('check', '--json')
  expect(stale).toMatchObject({ code: 1 })
  expect(JSON.parse(stale.stdout)).toMatchObject({ findings: [{ rule: 'owner/codeowners-stale', file }] })
  const refused = await company.atlas('owners', '--check')
  expect(refused).toMatchObject({ code: 1 })
  expect(refused.stdout).toContain('is stale')
  expect(await company.atlas('owners')).toMatchObject({ code: 0 })
  expect(await company.read(file)).toMatch(/^\/packages\/servlets\/greeter\/ @ada grace@example\.com$/m)
  expect(await company.atlas('check')).toMatchObject({ code: 0 })
})

it('atlas owners leaves alone what people wrote, and writes nothing from manifests that are broken', async () => {
  await using company = await newCompany()
  await company.atlas('interface')
  await company.write(file, '* @ada\n')
  expect(await company.atlas('check')).toMatchObject({ code: 0 })
  const written = await company.atlas('owners')
  expect(written).toMatchObject({ code: 1 })
  expect(written.stderr).toContain('was not written by atlas owners')
  expect(await company.read(file)).toBe('* @ada\n')

  await company.write(file, '')
  await company.write('packages/servlets/greeter/servlet.json', '{ "owner": "nobody" }\n')
  const broken = await company.atlas('owners')
  expect(broken).toMatchObject({ code: 1 })
  expect(broken.stderr).toContain('npx atlas check')
  expect(await company.read(file)).toBe('')
})
