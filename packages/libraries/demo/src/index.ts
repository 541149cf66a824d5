/** Somebody to sign in as. */
export interface DemoPerson {
  readonly email: string
  readonly name: string
  readonly password: string
}

const password = 'correct horse battery'

/** The people of the seed data. Everybody knows their password: they exist where there is nothing to protect. */
export const people = {
  ada: { email: 'ada@acme.example', name: 'Ada Lovelace', password },
  grace: { email: 'grace@acme.example', name: 'Grace Hopper', password },
  linus: { email: 'linus@acme.example', name: 'Linus Torvalds', password },
} as const satisfies Readonly<Record<string, DemoPerson>>
