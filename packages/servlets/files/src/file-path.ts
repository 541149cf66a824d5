import { named } from '@atlas/contract'
import * as z from 'zod'

/** Keys of a store may have 1,000 bytes; the rest is for what stands before the path. */
const maxBytes = 900

/** Control characters cannot be typed, and noncharacters are for marks such as the end of a folder. */
const forbidden = /\p{Cc}|\p{Noncharacter_Code_Point}/u

/** Whether a text is names joined by '/', as in `photos/2026/ada.jpg`. */
export function isFilePath(text: string): boolean {
  if (forbidden.test(text) || !text.isWellFormed()) return false
  if (new TextEncoder().encode(text).byteLength > maxBytes) return false
  return text.split('/').every((name) => name !== '' && name !== '.' && name !== '..')
}

/** The path of a file or a folder. Normalised, because macOS spells `é` with two code points and everybody else with one. */
export const FilePath = z
  .string()
  .normalize()
  .refine(isFilePath, named('file-path', 1, `must be names joined by '/', in at most ${maxBytes} bytes`))
