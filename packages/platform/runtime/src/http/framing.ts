/** How items of a stream are written, one after another. */
export interface Framing {
  readonly contentType: string
  /** One item, of its JSON. */
  item(json: string): string
  /** What says that the stream failed, of the JSON of the error's document. */
  error(json: string): string
  /** What says that the stream is complete, where the end of the answer does not. */
  readonly end: string | undefined
  /** What says that a silent stream lives, where something can be said that is not an item. */
  readonly heartbeat: string | undefined
}
