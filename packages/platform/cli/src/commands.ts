import { callCommand } from './commands/call/command.ts'
import { changeCommand } from './commands/change/command.ts'
import { checkCommand } from './commands/check/command.ts'
import { completionCommand } from './commands/completion/command.ts'
import { dbCommand } from './commands/db/command.ts'
import { deployCommand } from './commands/deploy/command.ts'
import { diffCommand } from './commands/diff/command.ts'
import { docsCommand } from './commands/docs/command.ts'
import { graphCommand } from './commands/graph/command.ts'
import { hotfixCommand } from './commands/hotfix/command.ts'
import { imageCommand } from './commands/image/command.ts'
import { impactCommand } from './commands/impact/command.ts'
import { importCommand } from './commands/import/command.ts'
import { initCommand } from './commands/init/command.ts'
import { interfaceCommand } from './commands/interface/command.ts'
import { listCommand } from './commands/list/command.ts'
import { logsCommand } from './commands/logs/command.ts'
import { newCommand } from './commands/new/command.ts'
import { ownersCommand } from './commands/owners/command.ts'
import { releaseCommand } from './commands/release/command.ts'
import { renderCommand } from './commands/render/command.ts'
import { rollbackCommand } from './commands/rollback/command.ts'
import { rolloutCommand } from './commands/rollout/command.ts'
import { routesCommand } from './commands/routes/command.ts'
import { secretCommand } from './commands/secret/command.ts'
import { seedCommand } from './commands/seed/command.ts'
import { startCommand } from './commands/start/command.ts'
import { topCommand } from './commands/top/command.ts'
import type { CommandDeclaration } from './declaration.ts'

/** The commands by what one does with them, in the order of the help. */
export const commandGroups: Readonly<Record<string, readonly CommandDeclaration[]>> = {
  'Commands to write servlets:': [
    initCommand,
    newCommand,
    importCommand,
    interfaceCommand,
    checkCommand,
    changeCommand,
  ],
  'Commands to run them:': [
    startCommand,
    callCommand,
    seedCommand,
    dbCommand,
    secretCommand,
    logsCommand,
    topCommand,
  ],
  'Commands to release them:': [
    releaseCommand,
    imageCommand,
    rolloutCommand,
    rollbackCommand,
    hotfixCommand,
    deployCommand,
    diffCommand,
    renderCommand,
  ],
  'Commands to look at them:': [
    listCommand,
    routesCommand,
    graphCommand,
    impactCommand,
    ownersCommand,
    docsCommand,
    completionCommand,
  ],
}
