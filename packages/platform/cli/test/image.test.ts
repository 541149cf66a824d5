import { noDebian } from '@atlas/tools-registries'
import { describe, expect, it, vi } from 'vitest'
import { newCompany } from './company.ts'

// The first image on a machine makes the base.
vi.setConfig({ testTimeout: 400_000 })

describe('atlas image', () => {
  it('says what is wrong, and what to type', async () => {
    await using company = await newCompany()
    expect(await company.atlas('image')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('which servlet? npx atlas image SERVLET'),
    })
    expect(await company.atlas('image', 'greter')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('greeter'),
    })
    expect(await company.atlas('image', 'greeter', '--pin')).toMatchObject({ code: 2 })
    await company.write('infra/base-image.json', '{ "image": "node:24" , "node": "24.0.0" }')
    expect(await company.atlas('image', 'greeter')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('infra/base-image.json: image: names no digest'),
    })
  })

  it.skipIf(noDebian)('pins a base, writes an image, and the same again', async () => {
    await using company = await newCompany()
    await company.atlas('interface')
    expect(await company.atlas('image', 'greeter')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('make one and commit it: npx atlas image --pin'),
    })
    expect(await company.atlas('image', '--pin')).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('wrote infra/base-image.json; commit it'),
    })
    const made = await company.atlas('image', 'greeter', '--out', 'image', '--json')
    expect(made).toMatchObject({ code: 0 })
    const { digest } = JSON.parse(made.stdout) as { digest: string }
    expect(JSON.parse(await company.read('image/index.json'))).toMatchObject({ manifests: [{ digest }] })
    expect(JSON.parse(await company.read('image/sbom.cdx.json'))).toMatchObject({ bomFormat: 'CycloneDX' })
    const again = await company.atlas('image', 'greeter', '--json')
    expect(JSON.parse(again.stdout)).toMatchObject({ digest })
  })

  it.skipIf(noDebian)('says that a registry does not answer', async () => {
    await using company = await newCompany()
    await company.atlas('interface')
    await company.atlas('image', '--pin')
    expect(await company.atlas('image', 'greeter', '--push', 'http://127.0.0.1:1/x')).toMatchObject({
      code: 3,
      stderr: expect.stringMatching(/failed 5 times: .*Nothing is half done; run the same again/),
    })
  })
})
