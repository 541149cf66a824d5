/**
 * Whether there is a person to ask: both ends are terminals, no document is wanted and no CI runs this. Everything that
 * can be asked can be said by options too.
 */
export function canAsk(json: boolean): boolean {
  const { CI } = process.env
  const inCi = CI !== undefined && CI !== '' && CI !== 'false' && CI !== '0'
  return process.stdin.isTTY === true && process.stdout.isTTY === true && !json && !inCi
}
