/** An item of a {@link WaitingList} is a link of it as well, so that waiting costs one object. */
export interface Linked<T> {
  previous: T | undefined
  next: T | undefined
}

/** Those who wait, in the order they came. Everything takes the same short time, however many they are. */
export class WaitingList<T extends Linked<T>> {
  oldest: T | undefined = undefined
  newest: T | undefined = undefined
  size = 0

  add(item: T): void {
    item.previous = this.newest
    if (this.newest) this.newest.next = item
    else this.oldest = item
    this.newest = item
    this.size += 1
  }

  /** The item must be in this list. */
  remove(item: T): void {
    const { previous, next } = item
    if (previous) previous.next = next
    else this.oldest = next
    if (next) next.previous = previous
    else this.newest = previous
    item.previous = undefined
    item.next = undefined
    this.size -= 1
  }
}
