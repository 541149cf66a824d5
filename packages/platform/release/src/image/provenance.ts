import { createRequire } from 'node:module'
import type { BuiltImage } from './build-image.ts'

/** The media type of an in-toto statement. */
export const provenanceType = 'application/vnd.in-toto+json'

/** What an image was built from. */
export interface Sources {
  readonly package: string
  readonly dir: string
  readonly commit: string
}

/**
 * How an image came to be: an in-toto statement with a SLSA v1 predicate. Nobody has signed it, so it says what the builder
 * says of itself, and proves nothing to those who do not trust the registry.
 */
export function provenanceOf(image: BuiltImage, { package: name, dir, commit }: Sources): object {
  const { servlet, version, digest, bundle, base } = image
  return {
    _type: 'https://in-toto.io/Statement/v1',
    subject: [{ name: servlet, digest: { sha256: digest.slice('sha256:'.length) } }],
    predicateType: 'https://slsa.dev/provenance/v1',
    predicate: {
      buildDefinition: {
        buildType: 'https://atlas.dev/build/servlet/v1',
        externalParameters: { package: name, version, folder: dir },
        internalParameters: { content: bundle.digest },
        resolvedDependencies: [
          { uri: 'git', digest: { gitCommit: commit } },
          ...base.packages.map(({ purl }) => ({ uri: purl })),
          ...bundle.packages
            .filter((each) => !each.name.startsWith('@atlas/'))
            .map((each) => ({ uri: `pkg:npm/${each.name.replace('@', '%40')}@${each.version}` })),
        ],
      },
      runDetails: { builder: { id: `https://atlas.dev/builder/release@${ownVersion()}` } },
    },
  }
}

function ownVersion(): string {
  try {
    return (createRequire(import.meta.url)('../../package.json') as { version: string }).version
  } catch {
    return 'unknown'
  }
}
