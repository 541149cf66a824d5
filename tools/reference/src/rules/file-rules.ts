import type { RuleArea } from './rule.ts'

/** Rules about files by themselves: whether they can be read, and whether they say what such a file may say. */
export const fileRules: readonly RuleArea[] = [
  {
    area: 'workspace',
    about: 'Reading the workspace',
    rules: [
      {
        id: 'workspace/root',
        broken: 'the root `package.json` has no `workspaces`',
        remedy: 'run the command in the root of a workspace, or make one with `npx atlas init`',
      },
      {
        id: 'workspace/package',
        broken: 'a `package.json` is missing beside a manifest, or a field of it has the wrong type',
        remedy: 'add or correct it; npm describes every field',
      },
      {
        id: 'workspace/unreadable',
        broken: 'a file is there and cannot be read',
        remedy: 'make it readable, or remove the folder of that name',
      },
    ],
  },
  {
    area: 'json',
    about: 'JSON that people write',
    rules: [
      {
        id: 'json/syntax',
        broken: 'a file is not JSON; the finding names line and column',
        remedy: 'correct it: no comments, no comma at the end of a list, double quotes only',
      },
      {
        id: 'json/duplicate-key',
        broken: 'a key is given twice in one object',
        why: 'only the last one would count, and nobody would notice',
        remedy: 'remove one of them',
      },
      {
        id: 'json/unsafe-key',
        broken: 'a key is `__proto__`',
        why: 'JavaScript gives that name a meaning of its own',
        remedy: 'use another name',
      },
    ],
  },
  {
    area: 'manifest',
    about: 'Fields of servlet.json, library.json, environments and teams (see [manifest.md](manifest.md))',
    rules: [
      {
        id: 'manifest/missing-field',
        broken: 'a field without a default is missing',
        remedy: 'add it; the finding shows an example',
      },
      {
        id: 'manifest/invalid-field',
        broken: 'a field has the wrong type, or a value that it cannot have',
        remedy: 'correct it; the finding shows an example, or names the default',
      },
      {
        id: 'manifest/unknown-field',
        broken: 'a field does not exist',
        why: 'a misspelt field would silently keep its default',
        remedy: 'rename it as the finding says, or remove it',
      },
    ],
  },
  {
    area: 'interface',
    about: 'Interface documents, the generated `interface.json` of each servlet',
    rules: [
      {
        id: 'interface/stale',
        broken: '`interface.json` is not what the contract says now',
        why: 'reviewers and releases read the file, not the code',
        remedy: 'run `npx atlas interface NAME`, look at the diff, and commit it',
      },
      {
        id: 'interface/impossible',
        broken: 'the contract loads, but no interface document can be made of it',
        remedy: 'correct the contract as the message says',
      },
    ],
  },
]
