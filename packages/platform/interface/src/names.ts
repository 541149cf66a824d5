/** `file-links`, `listFiles`, `image/png` -> `FileLinks`, `ListFiles`, `ImagePng`. Empty when nothing can be kept. */
export function pascalCase(text: string): string {
  return text
    .split(/[^A-Za-z0-9]+/)
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join('')
}

/** The names of what an endpoint takes and gives: message names in protobuf, and the start of names made from paths. */
export const payloadNames = {
  input: (endpoint: string): string => `${pascalCase(endpoint)}Request`,
  output: (endpoint: string): string => `${pascalCase(endpoint)}Response`,
  error: (endpoint: string, kind: string): string => `${pascalCase(endpoint)}${pascalCase(kind)}Error`,
} as const

/** Whether an id works as a name everywhere: in a `$ref`, as a component of OpenAPI and as a message. */
export function isSchemaId(id: string): boolean {
  return /^[A-Z][A-Za-z0-9]*$/.test(id)
}
