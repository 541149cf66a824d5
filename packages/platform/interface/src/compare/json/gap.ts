/** What kind of value the reader does not take. Part of rule ids, so that changesets can name it. */
export type GapKind =
  | 'field-missing'
  | 'field-refused'
  | 'type'
  | 'null'
  | 'value'
  | 'variant'
  | 'length'
  | 'range'
  | 'format'
  | 'count'
  | 'key'
  | 'refinement'
  | 'undecided'

/** Values that a writer may produce and that a reader perhaps refuses. */
export interface Gap {
  readonly kind: GapKind
  /** From the payload on: `.members[].name`. */
  readonly path: string
  /** What the writer may do: `leave out 'name'`, `send null`. */
  readonly writes: string
  /** What the reader takes: `only objects with 'name'`. */
  readonly takes: string
  /** Whole values at the place that the path is relative to, likely to prove it. */
  readonly candidates: Examples
  /** Where no value can prove it: why. */
  readonly reason?: string
}

/** Values that are made while they are looked at: most are not, since the first proves it. May be gone through again. */
export type Examples = Iterable<unknown>

/** Examples by what makes them; those that could not be made, which are undefined, are left out. */
export function examples(make: () => Iterable<unknown>): Examples {
  return {
    *[Symbol.iterator]() {
      for (const value of make()) if (value !== undefined) yield value
    },
  }
}

/** More examples than these prove nothing more. */
const most = 12

/** Gaps found inside a part of a value, as gaps of the whole: `place` puts a part into a value, or cannot. */
export function lifted(gaps: readonly Gap[], step: string, place: (part: unknown) => unknown): Gap[] {
  return gaps.map((gap) => ({
    ...gap,
    path: `${step}${gap.path}`,
    candidates: placed(gap.candidates, place),
  }))
}

/** Examples of a part as examples of the whole. */
export function placed(parts: Examples, place: (part: unknown) => unknown): Examples {
  return examples(function* () {
    let count = 0
    for (const part of parts) {
      if (count++ === most) return
      yield place(part)
    }
  })
}
