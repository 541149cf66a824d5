import { LanguageHost } from './language-host.ts'
import { protocol, serve } from './server.ts'

const host = new LanguageHost(process.argv.slice(2).findLast((arg) => !arg.startsWith('-')) ?? '')
await serve(protocol.languageService.LanguageRuntimeService, host.methods())
