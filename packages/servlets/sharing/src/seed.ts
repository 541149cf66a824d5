import { people } from '@acme/demo'
import { identity } from '@acme/identity/contract'
import type { Seed } from '@atlas/sdk'
import { sharing } from './contract.ts'

const linked = { path: 'notes/engine.md', password: 'jacquard' }

export default (async ({ clientOf, log }) => {
  const of = async (person: { email: string; password: string }) => {
    const { token } = await clientOf(identity).signIn(person)
    return clientOf(sharing, { token })
  }
  const ada = await of(people.ada)
  const grace = await of(people.grace)

  // A grant that is given twice is one grant.
  await ada.grant({ path: 'numbers/bernoulli.csv', email: people.grace.email })
  await grace.grant({ path: 'compilers/plan.md', email: people.ada.email })
  await grace.grant({ path: 'compilers/plan.md', email: people.linus.email })

  const known = (await ada.links()).items.find(({ path }) => path === linked.path)
  const link = known ?? (await ada.createLink(linked))
  if (!known)
    log(`${people.ada.name} made a link to ${linked.path}: /s/${link.id}, password '${linked.password}'`)
  if (link.opened === 0) {
    await clientOf(sharing).openLink({ id: link.id, password: linked.password })
    log('somebody opened it')
  }
}) satisfies Seed
