import { contract } from '@atlas/contract'

/** No endpoints: everything is answered by the app that is mounted. */
export const legacy = contract('legacy', {})
