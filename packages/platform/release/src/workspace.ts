// What commands need that release nothing: light to load.
export {
  type Acceptance,
  accepts,
  bumps,
  type Changeset,
  changesetText,
  greater,
  readChangeset,
} from './changesets/changeset.ts'
export { freezeOf } from './environment/advance.ts'
export { codeownersFile, codeownersText, isGeneratedCodeowners } from './environment/codeowners.ts'
export { pinnedText } from './environment/pinned-text.ts'
export { changesetFiles } from './gather/changesets-in.ts'
export { tagOf } from './gather/held-by.ts'
export { readReleases } from './gather/releases-file.ts'
export { filesIn, type GitOptions, type GitResult, git, textsOf } from './git/git.ts'
export type { Bump } from './seam.ts'
export { removeLeftovers, writeAtomically } from './version/write-atomically.ts'
