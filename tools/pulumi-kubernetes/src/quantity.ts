/** A quantity of Kubernetes: a number, and an SI or binary suffix or an exponent. */
const pattern = /^([+-]?)(\d+(?:\.\d*)?|\.\d+)(Ki|Mi|Gi|Ti|Pi|Ei|[numkMGTPE]|[eE][+-]?\d+)?$/

const decimal = ['n', 'u', 'm', '', 'k', 'M', 'G', 'T', 'P', 'E']
const binary = ['', 'Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei']

/**
 * Writes a quantity as the API server does: no fraction, the largest suffix of the same family that leaves a whole number
 * (`0.5` is `500m`, `1024Mi` is `1Gi`, `0.5Gi` is `512Mi`, `1000` is `1k`). What is no quantity is returned as it is; the API
 * server says what is wrong with it.
 *
 * @see https://pkg.go.dev/k8s.io/apimachinery/pkg/api/resource#Quantity
 */
export function canonicalQuantity(text: string): string {
  const [, sign, digits, suffix = ''] = pattern.exec(text) ?? []
  if (sign === undefined || digits === undefined) return text
  const exponent = /^[eE]([+-]?\d+)$/.exec(suffix)?.[1]
  const family =
    binary.includes(suffix) && suffix !== '' ? 'binary' : exponent === undefined ? 'decimal' : 'exponent'
  const nano = toNano(digits, suffix, exponent === undefined ? undefined : Number(exponent))
  if (nano === 0n) return '0'
  const minus = sign === '-' ? '-' : ''
  // Binary suffixes are for 1024 and more.
  if (family === 'binary' && nano >= 1024n * 10n ** 9n) {
    return minus + shorten(divideUp(nano, 10n ** 9n), 1024n, binary)
  }
  if (family === 'exponent') {
    const shortened = shorten(nano, 1000n, decimal)
    const kept = /^(\d+)(.*)$/.exec(shortened)!
    const power = (decimal.indexOf(kept[2]!) - 3) * 3
    return `${minus}${kept[1]}${power === 0 ? '' : `e${power}`}`
  }
  return minus + shorten(nano, 1000n, decimal)
}

/** The amount in units of 10^-9, rounded up, which is the finest that there is. */
function toNano(digits: string, suffix: string, exponent: number | undefined): bigint {
  const [whole = '', fraction = ''] = digits.split('.')
  let numerator = BigInt(`${whole}${fraction}` || '0') * 10n ** 9n
  let denominator = 10n ** BigInt(fraction.length)
  const power = exponent ?? (decimal.includes(suffix) ? (decimal.indexOf(suffix) - 3) * 3 : 0)
  if (power >= 0) numerator *= 10n ** BigInt(power)
  else denominator *= 10n ** BigInt(-power)
  if (binary.includes(suffix) && suffix !== '') numerator *= 1024n ** BigInt(binary.indexOf(suffix))
  return divideUp(numerator, denominator)
}

function divideUp(numerator: bigint, denominator: bigint): bigint {
  return (numerator + denominator - 1n) / denominator
}

function shorten(value: bigint, base: bigint, suffixes: readonly string[]): string {
  let shortened = value
  let index = 0
  while (index < suffixes.length - 1 && shortened % base === 0n) {
    shortened /= base
    index++
  }
  return `${shortened}${suffixes[index]}`
}
