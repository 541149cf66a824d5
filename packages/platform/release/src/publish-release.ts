import { BundleError } from './bundle/bundle-error.ts'
import { bundleServlet } from './bundle/bundle-servlet.ts'
import type { BaseImage } from './image/base/base-image.ts'
import { billOfMaterials, billType } from './image/bill-of-materials.ts'
import { buildImage } from './image/build-image.ts'
import { provenanceOf, provenanceType } from './image/provenance.ts'
import { nameImage, pushImage } from './image/push-image.ts'
import { knownPackage, publishPackage } from './npm/npm-registry.ts'
import { attach, attachRecord, type ReleaseRecord, readRecord } from './record/record.ts'
import type { Patience } from './registry/patience.ts'
import { parseReference, showReference } from './registry/reference.ts'
import { repositoryOf } from './registry/repository.ts'
import { type Published, type Registries, type ReleaseCandidate, ReleaseConflict } from './seam.ts'

/** How to publish. */
export interface PublishOptions extends Patience {
  /** A servlet whose images may have the same layers, so that a registry need not be sent them again. */
  readonly layersFrom?: string
  /** What images stand on. @default what `infra/base-image.json` pins */
  readonly base?: BaseImage
}

/**
 * Publishes a release: the package of its contract, its image, and the record that says what both are. What is there already
 * is left as it is. Whoever is killed at any point, or loses a registry, does it again and gets the same: the image has the name
 * of its version only when all else is there.
 *
 * @throws ReleaseConflict when the version is there with other content
 * @throws RegistryUnavailable when a registry does not answer, RegistryRefused when it says no
 * @throws BundleError when what is built here is not what was decided on
 */
export async function publishRelease(
  root: string,
  candidate: ReleaseCandidate,
  registries: Registries,
  options: PublishOptions = {},
): Promise<Published> {
  const package_ = await publishContract(root, candidate, registries, options)
  const image = await publishImage(root, candidate, registries, options)
  return {
    image: { reference: image.reference, digest: image.digest },
    package: { name: candidate.package, version: candidate.version, integrity: package_.integrity },
    record: image.record,
    made: package_.made || image.made,
  }
}

async function publishContract(
  root: string,
  { servlet, package: name, version, dir }: ReleaseCandidate,
  { npm }: Registries,
  options: PublishOptions,
): Promise<{ integrity: string; made: boolean }> {
  // With the compiler, which commands that publish nothing need not load.
  const { contractPackage } = await import('./npm/contract-package.ts')
  const [made, known] = await Promise.all([
    contractPackage(root, dir, version),
    knownPackage(npm, name, options),
  ])
  const there = known.versions.get(version)
  if (there === undefined) {
    await publishPackage(npm, made, known, options)
    return { integrity: made.integrity, made: true }
  }
  if (there.integrity !== made.integrity)
    throw new ReleaseConflict(
      `${name}@${version} is in the npm registry with other content (${there.integrity}, here ${made.integrity}); a version never changes: ${asTheNext(servlet)}`,
    )
  return { integrity: there.integrity, made: false }
}

async function publishImage(
  root: string,
  candidate: ReleaseCandidate,
  registries: Registries,
  options: PublishOptions,
): Promise<{ reference: string; digest: string; record: string; made: boolean }> {
  const { servlet, version, dir } = candidate
  const repository = repositoryOf(registries.oci, servlet, options)
  const referenceOf = (digest: string) =>
    showReference({ ...parseReference(`${registries.oci.replace(/\/+$/, '')}/${servlet}`), digest })
  const named = await repository.digestOf(version)
  const known = named === undefined ? undefined : await readRecord(repository, named)
  if (named !== undefined && known !== undefined) {
    const { content, platform } = known.record
    if (
      content !== candidate.content ||
      platform.base !== candidate.platform.base ||
      platform.node !== candidate.platform.node
    )
      throw conflict(candidate, named, 'another content or base')
    return { reference: referenceOf(named), digest: named, record: known.digest, made: false }
  }

  const bundle = await bundleServlet({ root, dir })
  if (bundle.digest !== candidate.content)
    throw new BundleError(
      `${dir} is not what the release of ${version} was decided on (${candidate.content}, here ${bundle.digest}); check out ${candidate.commit}, run npm ci, and publish again`,
    )
  const image = await buildImage({ root, dir, version, bundle, base: options.base, patience: options })
  if (named !== undefined && named !== image.digest) throw conflict(candidate, named, `not ${image.digest}`)

  const { repository: path } = parseReference(
    `${registries.oci.replace(/\/+$/, '')}/${options.layersFrom ?? servlet}`,
  )
  await pushImage(repository, image, path)
  await attach(repository, image.descriptor, { artifactType: billType, value: billOfMaterials(image) })
  await attach(repository, image.descriptor, {
    artifactType: provenanceType,
    value: provenanceOf(image, candidate),
  })
  const record: ReleaseRecord = {
    servlet,
    package: candidate.package,
    version,
    commit: candidate.commit,
    content: candidate.content,
    image: image.digest,
    interface: image.interface,
    platform: candidate.platform,
    builtAgainst: candidate.builtAgainst,
    externals: bundle.externals,
    vetting: {
      tests: [...candidate.vetting.tests],
      interface: candidate.vetting.interface,
      ...(candidate.vetting.approvedBy && { approvedBy: [...candidate.vetting.approvedBy] }),
    },
  }
  const recorded = await attachRecord(repository, image.descriptor, record)
  await nameImage(repository, image)
  return { reference: referenceOf(image.digest), digest: image.digest, record: recorded, made: true }
}

function asTheNext(what: string): string {
  return `release what is here as the next one: commit a changeset (npx atlas change ${what}), then npx atlas release version --commit, and run this again`
}

function conflict({ servlet, version }: ReleaseCandidate, named: string, why: string): ReleaseConflict {
  return new ReleaseConflict(
    `${servlet}:${version} is in the image registry as ${named}, which is ${why}; a version never changes: ${asTheNext(servlet)}`,
  )
}
