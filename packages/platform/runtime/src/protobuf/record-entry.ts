/** Sets an entry of a record whose keys come from outside: `__proto__` is a key like any other. */
export function setEntry(record: Record<string, unknown>, key: string, value: unknown): void {
  if (key === '__proto__')
    Object.defineProperty(record, key, { value, enumerable: true, configurable: true, writable: true })
  else record[key] = value
}
