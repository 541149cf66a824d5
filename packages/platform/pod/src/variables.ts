/** The variables of a process. */
export type Variables = Readonly<Record<string, string | undefined>>

/** A number that a variable says, or what holds without it. @throws Error when it says something else */
export function numberOf(variables: Variables, name: string, otherwise: number): number {
  const text = variables[name]
  if (text === undefined || text === '') return otherwise
  const value = Number(text)
  if (Number.isInteger(value) && value >= 0) return value
  throw new Error(`${name} is '${text}', which is no whole number; correct or unset it`)
}
