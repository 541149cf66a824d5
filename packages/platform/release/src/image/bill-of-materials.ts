import type { BuiltImage } from './build-image.ts'

/** The media type of a CycloneDX document in JSON. */
export const billType = 'application/vnd.cyclonedx+json'

/**
 * What an image has, as a CycloneDX 1.6 document: packages in the bundle and beside it, the base. It has no time and no number
 * of its own, so that the same image has the same document.
 */
export function billOfMaterials({ servlet, version, digest, packages, base }: BuiltImage): object {
  const root = `pkg:oci/${servlet}@${encodeURIComponent(digest)}`
  const components = [
    ...packages.map(({ name, version, license, beside }) => ({
      type: 'library',
      'bom-ref': purlOf(name, version),
      name,
      version,
      purl: purlOf(name, version),
      ...(license !== undefined && { licenses: licensesOf(license) }),
      properties: [{ name: 'atlas:place', value: beside ? 'node_modules' : 'bundle' }],
    })),
    ...base.packages.map(({ name, version, purl }) => ({
      type: name === 'node' ? 'platform' : 'library',
      'bom-ref': purl,
      name,
      version,
      purl,
      properties: [{ name: 'atlas:place', value: 'base' }],
    })),
  ]
  return {
    $schema: 'http://cyclonedx.org/schema/bom-1.6.schema.json',
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    version: 1,
    metadata: {
      component: {
        type: 'container',
        'bom-ref': root,
        name: servlet,
        version,
        purl: root,
        hashes: [{ alg: 'SHA-256', content: digest.slice('sha256:'.length) }],
      },
    },
    components,
    dependencies: [{ ref: root, dependsOn: [...new Set(components.map((each) => each['bom-ref']))] }],
  }
}

/** https://github.com/package-url/purl-spec: the scope of npm is a namespace, whose `@` is written as `%40`. */
function purlOf(name: string, version: string): string {
  return `pkg:npm/${name.replace('@', '%40')}@${encodeURIComponent(version)}`
}

/** One license by its SPDX name, a combination as an expression, anything else by what it is called. */
function licensesOf(license: string): object[] {
  if (/^[A-Za-z0-9.+-]+$/.test(license)) return [{ license: { name: license } }]
  if (/\b(AND|OR|WITH)\b/.test(license)) return [{ expression: license }]
  return [{ license: { name: license } }]
}
