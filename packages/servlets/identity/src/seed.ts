import { people } from '@acme/demo'
import type { Seed } from '@atlas/sdk'
import { identity } from './contract.ts'

export default (async ({ clientOf, log }) => {
  for (const person of Object.values(people)) {
    const registered = await clientOf(identity).register.result(person)
    if (registered.ok) log(`registered ${person.name}: ${person.email}, password '${person.password}'`)
  }
}) satisfies Seed
