/**
 * Strings that a regular expression is likely to match: what it describes is followed, lookarounds and back-references
 * are left out, so results are to be tested against the expression. Deterministic. Empty where the expression has a
 * part that is not understood.
 */
export function patternSamples(pattern: string, wanted: number): string[] {
  const parser = new PatternParser(pattern)
  const node = parser.parse()
  if (!node) return []
  const found = new Set<string>()
  for (let seed = 0; seed < wanted * 2 && found.size < wanted; seed++) {
    const random = generator(seed)
    found.add(node((below) => (seed === 0 ? 0 : Math.floor(random() * below)), seed))
  }
  return [...found]
}

/** Longer texts are not made; one that would have to be is no sample then. */
const mostChars = 10_000

/** A part of an expression: makes a string, choosing with the function. Seed 0 makes the shortest. */
type Part = (choose: (below: number) => number, seed: number) => string

const empty: Part = () => ''

class PatternParser {
  #at = 0
  #failed = false
  readonly #text: string

  constructor(pattern: string) {
    this.#text = pattern
  }

  parse(): Part | undefined {
    const part = this.#alternation()
    return this.#failed || this.#at < this.#text.length ? undefined : part
  }

  #alternation(): Part {
    const options = [this.#sequence()]
    while (this.#take('|')) options.push(this.#sequence())
    return (choose, seed) => options[choose(options.length)]!(choose, seed)
  }

  #sequence(): Part {
    const parts: Part[] = []
    while (this.#at < this.#text.length && !'|)'.includes(this.#text[this.#at]!) && !this.#failed)
      parts.push(this.#repeated(this.#atom()))
    return (choose, seed) => parts.map((part) => part(choose, seed)).join('')
  }

  #repeated(part: Part): Part {
    const [least, most] = this.#count()
    if (least === 1 && most === 1) return part
    return (choose, seed) => {
      const times = seed === 0 ? least : least + choose(Math.min(most - least, seed % 2 === 0 ? 40 : 3) + 1)
      let made = ''
      for (let time = 0; time < times && made.length < mostChars; time++) made += part(choose, seed)
      return made
    }
  }

  #count(): [least: number, most: number] {
    const braces = /^\{(\d+)(,?)(\d*)\}/.exec(this.#text.slice(this.#at))
    let count: [number, number] = [1, 1]
    if (this.#take('*')) count = [0, Number.POSITIVE_INFINITY]
    else if (this.#take('+')) count = [1, Number.POSITIVE_INFINITY]
    else if (this.#take('?')) count = [0, 1]
    else if (braces) {
      this.#at += braces[0].length
      const least = Number(braces[1])
      const most = braces[2] === '' ? least : braces[3] === '' ? Number.POSITIVE_INFINITY : Number(braces[3])
      count = [least, most]
    } else return count
    this.#take('?')
    return count
  }

  #atom(): Part {
    const char = this.#next()
    if (char === '(') return this.#group()
    if (char === '[') return this.#class()
    if (char === '.') return (choose) => 'aZ0-_ é'[choose(7)]!
    if (char === '^' || char === '$') return empty
    if (char === '\\') return this.#escape()
    return () => char
  }

  #group(): Part {
    const lookaround = /^\?<?[=!]/.exec(this.#text.slice(this.#at))
    const head = /^\?(:|<[A-Za-z_]\w*>|<?[=!])/.exec(this.#text.slice(this.#at))
    if (head) this.#at += head[0].length
    const inside = this.#alternation()
    if (!this.#take(')')) this.#failed = true
    return lookaround ? empty : inside
  }

  #class(): Part {
    const negated = this.#take('^')
    const members = new Set<string>()
    for (let first = true; first || this.#text[this.#at] !== ']'; first = false) {
      if (this.#at >= this.#text.length) {
        this.#failed = true
        return empty
      }
      if (first && this.#text[this.#at] === ']') break
      const from = this.#member()
      if (from.length === 1 && this.#text[this.#at] === '-' && this.#text[this.#at + 1] !== ']') {
        this.#at++
        const to = this.#member()
        const [low, high] = [from[0]!.codePointAt(0)!, (to[0] ?? from[0]!).codePointAt(0)!]
        for (let code = low; code <= high && code < low + 200; code++) members.add(String.fromCodePoint(code))
      } else for (const each of from) members.add(each)
    }
    this.#at++
    const pool = negated ? [...printable].filter((each) => !members.has(each)) : [...members]
    if (pool.length === 0) this.#failed = true
    return (choose) => pool[choose(pool.length)] ?? ''
  }

  #member(): string[] {
    const char = this.#next()
    if (char !== '\\') return [char]
    return this.#escaped()
  }

  #escape(): Part {
    if (/[1-9kbB]/.test(this.#text[this.#at] ?? '')) {
      if (!/[bB]/.test(this.#next())) this.#failed = true
      return empty
    }
    const pool = this.#escaped()
    return (choose) => pool[choose(pool.length)] ?? ''
  }

  #escaped(): string[] {
    const char = this.#next()
    if (char === 'd') return [...'0123456789']
    if (char === 'w') return [...'aZ0_bcdxyzABC123']
    if (char === 's') return [' ', '\t']
    if (char === 'D') return [...'aZ_ -']
    if (char === 'W') return [...' -./é']
    if (char === 'S') return [...'aZ0_-é']
    if (char === 'n') return ['\n']
    if (char === 'r') return ['\r']
    if (char === 't') return ['\t']
    const property = /^\{[^}]*\}/.exec(this.#text.slice(this.#at))
    if ((char === 'p' || char === 'P') && property) {
      this.#at += property[0].length
      return [...'aZ0é.😀']
    }
    const code = /^(\{[0-9a-fA-F]+\}|[0-9a-fA-F]{4})/.exec(this.#text.slice(this.#at))
    if (char === 'u' && code) {
      this.#at += code[0].length
      return [String.fromCodePoint(Number.parseInt(code[0].replace(/[{}]/g, ''), 16))]
    }
    return [char]
  }

  #next(): string {
    const char = String.fromCodePoint(this.#text.codePointAt(this.#at) ?? 0)
    this.#at += char.length
    return char
  }

  #take(char: string): boolean {
    if (this.#text[this.#at] !== char) return false
    this.#at++
    return true
  }
}

const printable = Array.from({ length: 95 }, (_, index) => String.fromCharCode(32 + index))
  .sort((a, b) => Number(/\w/.test(b)) - Number(/\w/.test(a)))
  .join('')

/** mulberry32: numbers from 0 to 1, the same on every machine. */
function generator(seed: number): () => number {
  let state = (seed * 0x9e3779b9) | 0
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}
