/** A registry answered, and said no: who we are, or what we ask for, is not right. Trying again changes nothing. */
export class RegistryRefused extends Error {
  override readonly name = 'RegistryRefused'
}
