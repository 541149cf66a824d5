import type { BuildEvents } from './build.ts'
import type { Tool } from './tool.ts'

/** How often a build that goes on says so where lines cannot be redrawn, in ms. */
const sayMs = 30_000

/** Shows builds on a stream: one line that is redrawn on a terminal, else a line at start, end and now and then. */
export function showProgress(stream: NodeJS.WriteStream, total: number): BuildEvents & { end: () => void } {
  let number = 0
  let startedMs = 0
  let compiled = 0
  let timer: NodeJS.Timeout | undefined
  const seconds = () => duration((performance.now() - startedMs) / 1000)
  const line = (tool: Tool) => {
    const packages = compiled === 0 ? '' : `, ${compiled} packages compiled`
    return `[${number}/${total}] ${tool.name} ${tool.version}: ${seconds()} of about ${duration(tool.minutes * 60)}${packages}`
  }
  const stop = () => {
    clearInterval(timer)
    if (stream.isTTY) stream.write('\r\u001b[K')
  }
  return {
    onStart: (tool) => {
      number++
      startedMs = performance.now()
      compiled = 0
      if (!stream.isTTY) stream.write(`${line(tool)}\n`)
      timer = setInterval(
        () => stream.write(stream.isTTY ? `\r\u001b[K${line(tool)}` : `${line(tool)}\n`),
        stream.isTTY ? 500 : sayMs,
      )
    },
    onProgress: (_, done) => {
      compiled = done
    },
    onEnd: (tool, failure) => {
      stop()
      stream.write(
        `[${number}/${total}] ${tool.name} ${tool.version}: ${failure ? `failed after ${seconds()}: ${failure.message}` : `built in ${seconds()}`}\n`,
      )
    },
    end: stop,
  }
}

/** `75` as `1m15s`. */
export function duration(seconds: number): string {
  const whole = Math.round(seconds)
  return whole < 60 ? `${whole}s` : `${Math.floor(whole / 60)}m${String(whole % 60).padStart(2, '0')}s`
}
