export {
  type Bump,
  type Platform,
  type Published,
  type Registries,
  RegistryUnavailable,
  type ReleaseCandidate,
  ReleaseConflict,
  type ServletBundle,
  type Vetting,
} from './seam.ts'
