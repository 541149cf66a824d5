export { fillHome, type Placed, pulumiHome } from './home.ts'
export { LanguageHost } from './language-host.ts'
export { Provider, providerVersion } from './provider.ts'
export { protocol, serve } from './server.ts'
