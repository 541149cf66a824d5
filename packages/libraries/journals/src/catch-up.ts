/** What a servlet keeps of a journal of another. */
export interface Copy<E extends { readonly revision: number }> {
  /** The revision up to which the copy has everything. */
  position(): Promise<number>
  /** Reads on in the journal, after a revision. */
  read(since: number): Promise<{ readonly entries: readonly E[]; readonly more: boolean }>
  /**
   * Adds entries and moves the position to the last of them, both or neither, unless the position is not `since` any
   * more: then somebody else added them, and nothing may happen.
   */
  add(entries: readonly E[], since: number): Promise<void>
}

/**
 * Brings a copy up to date. May run many times at once and be stopped anywhere: what was added stays, the rest is
 * added the next time.
 */
export async function catchUp<E extends { readonly revision: number }>(copy: Copy<E>): Promise<void> {
  for (let more = true; more; ) {
    const since = await copy.position()
    const news = await copy.read(since)
    if (news.entries.length > 0) await copy.add(news.entries, since)
    more = news.more
  }
}
