/** Labels as the text formats write them, without the braces: `servlet="files",endpoint="upload"`. */
export function labelsOf(names: readonly string[], values: readonly string[]): string {
  return names.map((name, index) => `${name}="${escaped(values[index] ?? '')}"`).join(',')
}

function escaped(value: string): string {
  // Unpaired surrogates have no UTF-8, which both formats are.
  return value.toWellFormed().replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('"', '\\"')
}
