import { Provider } from './provider.ts'
import { protocol, serve } from './server.ts'

// The engine gives its address last, after options for logs and traces that are of no use here.
const provider = new Provider(process.argv.slice(2).findLast((arg) => !arg.startsWith('-')))
await serve(protocol.providerService.ResourceProviderService, provider.methods())
