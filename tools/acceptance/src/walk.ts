import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { type Block, blocksOf, commandsOf, firstMissingLine } from './guide.ts'
import { sourcesOf } from './sources.ts'
import { type Place, type Running, run, start } from './terminal.ts'

const minuteMs = 60_000

/** What guides write for the address of `npm start`. */
const written = '127.0.0.1:8080'

/**
 * Goes through a guide as a reader does. Blocks mean:
 *
 * - `sh`: commands, run one after another; `npm start` keeps running until the next one or the end
 * - `text`: lines that the commands before have printed
 * - `ts` with a path in its first line: a file to write; without one: a part of a file that is there
 */
export class Walk implements AsyncDisposable {
  /** How many commands were run. */
  commands = 0
  readonly #guide: string
  readonly #place: Place
  readonly #timeoutMs: number
  #server: Running | undefined
  #address = written
  #output = ''

  /**
   * @param guide the path of the guide in the clone
   * @param timeoutMs of each command
   */
  constructor(guide: string, place: Place, timeoutMs = 6 * minuteMs) {
    this.#guide = guide
    this.#timeoutMs = timeoutMs
    this.#place = { ...place, env: { ...place.env, PORT: '0' } }
  }

  /** Takes every block. */
  async through(): Promise<void> {
    for (const block of blocksOf(await readFile(join(this.#place.cwd, this.#guide), 'utf8'))) {
      const where = `${this.#guide}:${block.line}`
      if (block.language === 'sh') await this.#run(block, where)
      else if (block.language === 'text') {
        const shown = block.text.replaceAll(written, this.#address)
        const missing = firstMissingLine(shown, this.#output)
        if (missing !== undefined) throw new Error(`${where}: '${missing}' is not in\n${this.#output}`)
      } else if (block.language === 'ts') await this.#source(block, where)
    }
  }

  /** Ends `npm start`; says whether it needed to be killed. */
  async stop(): Promise<string | undefined> {
    const stopped = await this.#server?.stop()
    this.#server = undefined
    return stopped
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop()
  }

  async #run(block: Block, where: string): Promise<void> {
    this.#output = ''
    for (const command of commandsOf(block)) {
      this.commands++
      if (command.text === 'npm start') {
        await this.#start()
        continue
      }
      const text = command.text.replaceAll(written, this.#address)
      const { exitCode, output } = await run(text, this.#place, this.#timeoutMs)
      this.#output += `${output}\n`
      if ((exitCode !== 0) !== command.fails)
        throw new Error(`${where}: '${text}' exits with ${exitCode}\n${output}`)
    }
  }

  async #start(): Promise<void> {
    if ((await this.stop()) === 'killed') throw new Error('npm start did not end by Ctrl-C')
    this.#server = start('npm start', this.#place)
    const [, address = ''] = await this.#server.says(/Atlas is up at http:\/\/([\d.]+:\d+).*\n/, minuteMs)
    this.#address = address
    this.#output += this.#server.output()
  }

  async #source({ text }: Block, where: string): Promise<void> {
    const path = /^\/\/ (packages\/\S+)\n/.exec(text)?.[1]
    if (path === undefined) {
      const sources = await sourcesOf(join(this.#place.cwd, 'packages/servlets'))
      if (!sources.some((source) => source.includes(text))) throw new Error(`${where} is in no servlet`)
      return
    }
    const file = join(this.#place.cwd, path)
    await mkdir(dirname(file), { recursive: true })
    await writeFile(file, `${text.slice(text.indexOf('\n') + 1)}\n`)
  }
}
