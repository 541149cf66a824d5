import type { ConfigValue, StoreKind } from '@atlas/manifest'
import { CommandError, exitCode } from '../exit-code.ts'
import { suggestion } from '../suggest.ts'

/** `links=postgres` as key and value. */
function pairOf(option: string, text: string, example: string): [string, string] {
  const at = text.indexOf('=')
  if (at <= 0 || at === text.length - 1)
    throw new CommandError(`${option} '${text}' is not NAME=VALUE; write it as in ${example}`, exitCode.usage)
  return [text.slice(0, at), text.slice(at + 1)]
}

function recordOf<T>(
  texts: readonly string[],
  option: string,
  example: string,
  parse: (text: string) => T,
): Record<string, T> {
  const record: Record<string, T> = {}
  for (const text of texts) {
    const [name, value] = pairOf(option, text, example)
    if (Object.hasOwn(record, name)) throw new CommandError(`${option} names '${name}' twice`, exitCode.usage)
    record[name] = parse(value)
  }
  return record
}

const kinds: readonly StoreKind[] = ['postgres', 'blobs']

/** `--store links=postgres` */
export function storesOf(texts: readonly string[]): Record<string, StoreKind> {
  return recordOf(texts, '--store', 'links=postgres', (kind) => {
    const known = kinds.find((one) => one === kind)
    if (known) return known
    throw new CommandError(`there is no kind of store '${kind}'${suggestion(kind, kinds)}`, exitCode.usage)
  })
}

/** `--config maxUploadMiB=500`: JSON, or else text. */
export function configOf(texts: readonly string[]): Record<string, ConfigValue> {
  return recordOf(texts, '--config', 'maxUploadMiB=500', (text) => {
    try {
      return JSON.parse(text) as ConfigValue
    } catch {
      return text
    }
  })
}

/** `--secret 'scanKey=API key of the virus scanner'` */
export function secretsOf(texts: readonly string[]): Record<string, string> {
  return recordOf(texts, '--secret', `'scanKey=API key of the virus scanner'`, (text) => text)
}
