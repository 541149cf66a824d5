import { readFileSync, statSync } from 'node:fs'
import { dirname } from 'node:path'

/** The user that runs Postgres in place of root, for whom Postgres refuses to work. */
export interface Unprivileged {
  readonly uid: number
  readonly gid: number
  /** A folder of root's that this user can enter, for what it must read and the workspace hides from it. */
  readonly home: string
  /** Whether it can enter a folder: it may be below one that only root can. */
  mayEnter(folder: string): boolean
}

/** The first of these that the machine has. None is made: that would outlast us. */
const users = ['postgres', 'nobody']

/** Who is to run Postgres; undefined where that is ourselves. */
export function unprivileged(): Unprivileged | undefined {
  if (process.getuid?.() !== 0) return undefined
  const lines = readFileSync('/etc/passwd', 'utf8').split('\n')
  const entries = lines.map((line) => line.split(':'))
  const found = users
    .map((user) => entries.find(([name]) => name === user))
    .find((entry) => entry !== undefined)
  if (!found)
    throw new Error(
      `Postgres does not run as root, and there is no user ${users.join(' or ')} to run it as; ` +
        'run Atlas as another user, or set ATLAS_POSTGRES_URL to a server that runs',
    )
  const [uid, gid] = [Number(found[2]), Number(found[3])]
  return { uid, gid, home: '/var/lib/atlas', mayEnter: (folder) => mayEnter(folder, uid, gid) }
}

function mayEnter(folder: string, uid: number, gid: number): boolean {
  const stat = statSync(folder, { throwIfNoEntry: false })
  if (stat) {
    const bit = stat.uid === uid ? 0o100 : stat.gid === gid ? 0o010 : 0o001
    if ((stat.mode & bit) === 0) return false
  }
  return dirname(folder) === folder || mayEnter(dirname(folder), uid, gid)
}
