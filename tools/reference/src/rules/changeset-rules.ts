import type { RuleArea } from './rule.ts'

/** Rules about what a branch changes and what its changesets say of it. */
export const changesetRules: readonly RuleArea[] = [
  {
    area: 'changeset',
    about: 'Changesets',
    rules: [
      {
        id: 'changeset/missing',
        broken:
          'a servlet that is on the base branch has changed (its interface as it is in the code, or a file of it that is no test and no text for people), and no changeset of this branch names it',
        remedy: 'run `npx atlas change` and commit the file',
      },
      {
        id: 'changeset/bump',
        broken:
          'a changeset asks for a lower step than the comparison of the interfaces proves; a finding for each change that hurts callers, with its [rule](#rules-of-the-comparison)',
        why: 'who depends on a servlet goes by its version',
        remedy:
          'make the change compatibly, ask for the step, or let the owner accept it with a line `accept: RULE PATH` in the changeset',
      },
      {
        id: 'changeset/nothing',
        broken:
          'a changeset asks for a new version of a package, and neither it nor anything that it depends on has changed',
        remedy: 'remove the line, or the file',
      },
      {
        id: 'changeset/accepts-nothing',
        broken: 'a line `accept: RULE PATH` of a changeset fits no break of the servlets that it names',
        remedy: 'write rule and path as `atlas check` did, or remove the line',
      },
      {
        id: 'changeset/unknown',
        broken: 'a changeset names a package that is not in the workspace',
        remedy: 'correct the name, or remove the line',
      },
      {
        id: 'changeset/unreadable',
        broken: 'a file in `.changeset` is no changeset',
        remedy: 'correct it, or delete it and run `npx atlas change`',
      },
      {
        id: 'changeset/servlet-removed',
        broken:
          'a servlet of the base branch is not there any more, or has another name, and no changeset of this branch accepts that',
        why: 'it breaks whoever calls it, and there is no package left that a version could say so with',
        remedy:
          'ask `npx atlas impact SERVLET` on the base branch; where nobody is named, write a changeset (`npx changeset --empty`) with the line `accept: changeset/servlet-removed packages/servlets/NAME`',
      },
      {
        id: 'changeset/taken-back',
        broken:
          'this branch deletes a changeset of the base branch, or lowers what it asks for, and neither changes the package nor raises its version',
        why: 'a break that is on the base branch already would be released as less',
        remedy: 'restore the file from the base branch',
      },
      {
        id: 'changeset/base-interface',
        broken:
          'a servlet that was there where this branch left the base branch has no `interface.json` in that commit, or one that cannot be read. A servlet that is new on this branch needs none there',
        why: 'there is nothing that the contract in the code can be compared with, so a break would pass unseen',
        remedy:
          'run `npx atlas interface` on the base branch, commit the file there, and merge or rebase; or let the owner, who has looked at every change of the contract, accept it with a line `accept: changeset/base-interface packages/servlets/NAME` in a changeset that names the servlet',
      },
      {
        id: 'changeset/history',
        broken:
          'the base branch, or the commit where HEAD left it, is not in this clone, or git cannot read it. Outside of git, before the first commit, and where neither the repository nor a remote of it has such a branch, changesets are not looked at, and a note says so',
        remedy: 'fetch what the finding names, or say `--base`',
      },
    ],
  },
  {
    area: 'release',
    about: 'Releases',
    rules: [
      {
        id: 'release/history',
        broken:
          'a changeset asks for a major version, and the interface of what an environment runs cannot be read: the tag of that release is not in this clone, or its document is broken',
        why: 'a major goes out only when no deployed caller uses what it breaks, and that is known from those documents',
        remedy: 'run `git fetch --tags`',
      },
    ],
  },
]
