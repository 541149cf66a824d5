import type { RuleArea } from './rule.ts'

/** Rules about what the parts of a product say about each other. */
export const productRules: readonly RuleArea[] = [
  {
    area: 'servlet',
    about: 'Servlets',
    rules: [
      {
        id: 'servlet/load',
        broken:
          '`src/servlet.ts` is missing, throws while it is loaded, or has no servlet as its default export',
        remedy: 'correct the code that the message names; write `export default servlet(contract, { ... })`',
      },
      {
        id: 'servlet/name',
        broken: 'folder, package name and contract name of a servlet differ, or are no names for a servlet',
        remedy:
          'use one name for all three: at most 40 lower-case letters and digits, words joined by hyphens',
      },
      {
        id: 'servlet/duplicate',
        broken: 'two servlets have one name',
        remedy: 'rename one of them, folder and contract',
      },
      {
        id: 'servlet/manifest-missing',
        broken: 'a package in `packages/servlets` has no `servlet.json`',
        remedy: 'add it with at least `{ "owner": "TEAM" }`, or move the package elsewhere',
      },
      {
        id: 'servlet/probe',
        broken: '`rollout.whenUndecided.probe` calls an endpoint that the contract does not have',
        remedy: 'name one that it has',
      },
      {
        id: 'servlet/interface-missing',
        broken: 'a servlet has no `interface.json`',
        remedy: 'run `npx atlas interface` and commit the file',
      },
      {
        id: 'servlet/interface-invalid',
        broken: '`interface.json` is not an interface document: it was edited by hand, or damaged by a merge',
        why: 'it holds the protobuf numbers that clients use, so it is never made anew without them',
        remedy: 'take the last good one back with `git checkout`, then run `npx atlas interface`',
      },
    ],
  },
  {
    area: 'migrations',
    about: 'Migrations of Postgres stores',
    rules: [
      {
        id: 'migrations/store',
        broken: 'a folder in `migrations` has the name of no Postgres store that the servlet declares',
        remedy: 'declare the store in `servlet.json`, or rename or remove the folder',
      },
      {
        id: 'migrations/name',
        broken: 'a file there is not called `NNNN-name.expand.sql` or `NNNN-name.contract.sql`',
        why: 'the name says its order, and whether code of the version before runs with it',
        remedy: 'rename it, or move it out of the folder',
      },
      {
        id: 'migrations/duplicate',
        broken: 'two migrations of a store have one number',
        why: 'two branches added one each; databases would apply them in different orders',
        remedy: 'give the one that was merged later the next free number',
      },
      {
        id: 'migrations/gap',
        broken: 'a number is missing between 1 and the last',
        remedy: 'rename the migration to the missing number, or bring back the one that is gone',
      },
      {
        id: 'migrations/empty',
        broken: 'a migration has no statement',
        remedy: 'write one, or remove the file',
      },
      {
        id: 'migrations/transaction',
        broken: 'a migration begins or ends a transaction, or has a statement that cannot run inside of one',
        why: 'the platform runs each in one transaction together with its record, so that it is applied whole or not at all',
        remedy: 'remove `begin`, `commit` and `rollback`; write indexes without `concurrently`',
      },
    ],
  },
  {
    area: 'owner',
    about: 'Owners',
    rules: [
      {
        id: 'owner/unknown',
        broken: 'the owner of a servlet or library is not a team in `infra/teams.json`',
        remedy: 'write the name of a team, or add the team',
      },
      {
        id: 'owner/no-teams',
        broken: 'there are servlets or libraries, and no `infra/teams.json`',
        remedy: 'add it, as in `{ "web": { "name": "Web", "contact": "web@acme.example" } }`',
      },
      {
        id: 'owner/codeowners-stale',
        broken:
          '`.github/CODEOWNERS` was written by `atlas owners`, and owners or members have changed since. One that people wrote is not looked at',
        why: 'the code host would ask the wrong people for a review',
        remedy: 'run `npx atlas owners` and commit the file',
      },
    ],
  },
  {
    area: 'routes',
    about: 'Routes and mounts. All servlets share one URL space',
    rules: [
      {
        id: 'routes/ambiguous',
        broken: 'two routes match one path, and neither is more specific; the finding names such a path',
        remedy: 'change one of the two routes in its contract, then run `npx atlas interface`',
      },
      {
        id: 'routes/invalid',
        broken: 'a route or the prefix of a mount in an interface document cannot be parsed',
        remedy: 'correct it in the contract or in `mount`, then run `npx atlas interface`',
      },
      {
        id: 'routes/mount',
        broken: 'a mount claims paths of another mount, or of a route of another servlet',
        why: 'a servlet may put endpoints inside its own mount: that is how an app moves out piece by piece',
        remedy: 'mount it under another prefix, or move the other one',
      },
    ],
  },
  {
    area: 'calls',
    about: 'Calls between servlets',
    rules: [
      {
        id: 'calls/unknown',
        broken: 'a servlet calls a servlet or an endpoint that does not exist',
        remedy: 'correct the call, then run `npx atlas interface`',
      },
      {
        id: 'calls/undeclared',
        broken: 'a servlet calls another one whose package its `package.json` does not depend on',
        remedy: 'add `"@scope/name": "*"` to `dependencies`',
      },
      {
        id: 'calls/refused',
        broken: 'the called servlet lists its `callers`, and this one is not among them',
        remedy: 'ask its owner to add the caller to `callers` in its `servlet.json`',
      },
      {
        id: 'calls/unknown-caller',
        broken: '`callers` names a servlet that does not exist',
        remedy: 'correct the name, or remove it',
      },
      {
        id: 'calls/deprecated',
        severity: 'error or warning',
        broken:
          'a servlet calls an endpoint that its contract marks `deprecated`: a warning until the date `sunset`, an error from the day after',
        why: 'the owner may remove it then, and a date that nothing holds anybody to is none',
        remedy: 'call what `use` names, or ask the owner for another date',
      },
      {
        id: 'calls/cycle',
        broken: 'servlets call each other in a cycle',
        why: 'when one of them is slow, all of them wait for each other',
        remedy: 'move what two of them need into a third, or pass the value in the input of a call',
      },
    ],
  },
  {
    area: 'library',
    about: 'Libraries',
    rules: [
      {
        id: 'library/manifest-missing',
        broken: 'a package in `packages/libraries` has no `library.json`',
        remedy: 'add it with at least `{ "owner": "TEAM" }`',
      },
      {
        id: 'library/visibility',
        broken: '`visibility` names a team or a package that does not exist',
        remedy: 'correct the name, or remove it',
      },
    ],
  },
  {
    area: 'environment',
    about: 'Environments, the files in `infra/environments`',
    rules: [
      {
        id: 'environment/name',
        broken: 'the name of the file is no name for an environment',
        remedy: 'use lower-case words joined by hyphens, as in `production-eu.json`',
      },
      {
        id: 'environment/servlet',
        broken: '`groups`, `config`, `pins` or `freezes` name a servlet that does not exist',
        remedy: 'correct the name, or remove it',
      },
      {
        id: 'environment/authenticator',
        severity: 'error or warning',
        broken:
          '`authenticator` names an endpoint that does not exist (error), or is not set although endpoints have the access `user` (warning)',
        remedy: 'name an endpoint as `servlet.endpoint`',
      },
      {
        id: 'environment/group',
        broken: 'a servlet is in two groups',
        remedy: 'remove it from one of them',
      },
      {
        id: 'environment/config',
        broken:
          '`config` gives a value that the servlet does not declare, or one of another type than its default',
        remedy: "correct it, or declare the value in the servlet's `servlet.json`",
      },
      {
        id: 'environment/defaults',
        broken: 'a default of the environment contradicts what a servlet writes itself',
        remedy: "change the default, or give the field in the servlet's `servlet.json` too",
      },
    ],
  },
]
