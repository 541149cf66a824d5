/** What generators need of nx's virtual file system. */
export interface Tree {
  /** The absolute path of the workspace. */
  readonly root: string
  write(path: string, text: string): void
}

/** What nx calls when the files of a generator have been written; not in a dry run. */
export type AfterWriting = () => Promise<void>
