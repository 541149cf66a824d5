import type { RuleArea } from './rule.ts'

/** Rules about packages and who imports whom. */
export const packageRules: readonly RuleArea[] = [
  {
    area: 'packages',
    about: 'Packages',
    rules: [
      {
        id: 'packages/duplicate',
        broken: 'two packages have one name',
        remedy: 'rename one of them',
      },
      {
        id: 'packages/servlet-range',
        broken: 'a package depends on a servlet with a range other than `"*"`',
        why: 'after the next major version npm would look for the old one in the registry',
        remedy: 'write `"*"`: in the workspace everyone compiles against what is there',
      },
      {
        id: 'packages/cycle',
        broken:
          'packages depend on each other in a cycle. A servlet counts as two, its contract and the rest',
        remedy: 'move what both need into a package below them',
      },
    ],
  },
  {
    area: 'imports',
    about: 'Imports in source files. One import is reported once, by the rule that says most',
    rules: [
      {
        id: 'imports/row',
        broken:
          'a platform package imports one of its own row or above, or has no row; or a package imports what stands above it (tools and `infra`, then servlets, then libraries, then the platform)',
        remedy:
          'move what is needed further down, or pass it in from above; give a platform package `"nx": { "tags": ["row:3"] }`',
      },
      {
        id: 'imports/servlet-inside',
        broken: 'a file imports something of a servlet that is not its contract',
        why: 'a servlet is replaced, scaled and released alone, so nothing may know it but by its contract',
        remedy:
          'import from `@scope/name/contract`, and ask the owner for an endpoint where the contract lacks one',
      },
      {
        id: 'imports/servlet-kind',
        broken:
          'a servlet or library imports a platform package other than `@atlas/contract` and `@atlas/sdk`',
        remedy:
          'take it from the context (`ctx`) of a handler or from `@atlas/sdk`; a test may, with a devDependency',
      },
      {
        id: 'imports/visibility',
        broken: 'a package imports a library whose `visibility` does not include it or its team',
        remedy: "ask the library's owner to add the team or the package to `visibility`",
      },
      {
        id: 'imports/deep',
        broken:
          'an import reaches into a package past its `exports`, or leaves its own package by a relative path',
        remedy: 'import what the package exports, or add an entry to its `exports`',
      },
      {
        id: 'imports/undeclared',
        broken:
          'a file imports a package that its `package.json` does not name, or names in `devDependencies` only',
        remedy: 'add it to `dependencies`; to `devDependencies` if only tests need it',
      },
      {
        id: 'imports/cycle',
        broken: 'files of packages import each other in a cycle. The contract of a servlet counts by itself',
        remedy: 'move what both sides need into a package that both import',
      },
    ],
  },
]
