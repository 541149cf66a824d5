import { performance } from 'node:perf_hooks'

/**
 * How much of one turn of the event loop requests may use before those behind them are refused.
 *
 * A handler that only computes runs from its first byte to its answer in one go, so no two ever run at once and no limit on
 * how many do is reached: what cannot be served waits in the sockets, where nobody sees it, and each turn of the loop takes as
 * long as all that came during the one before. While the loop is overloaded, requests that come to their turn late in it have
 * waited for all of it already; they are told to come back, which costs a fraction of serving them, and the next turn begins.
 */
export interface TurnBudget {
  /**
   * Whether this turn is used up. Asking begins the turn, where none is.
   *
   * @param least how many are let in in each turn however late it is: others on the machine make it late too, and then whoever is
   * refused makes room for nobody
   */
  spent(least: number): boolean
}

/** Makes one. `nowMs` and `afterTurn` are the process's own, unless a test passes others. */
export function createTurnBudget(
  budgetMs: number,
  nowMs: () => number = () => performance.now(),
  afterTurn: (callback: () => void) => void = setImmediate,
): TurnBudget {
  let beganMs: number | undefined
  let letIn = 0
  const end = () => {
    beganMs = undefined
  }
  return {
    spent(least) {
      if (beganMs === undefined) {
        beganMs = nowMs()
        letIn = 0
        // Requests are handled while the loop polls for what came; this runs when it is through with that.
        afterTurn(end)
      } else if (letIn >= least && nowMs() - beganMs >= budgetMs) return true
      letIn += 1
      return false
    },
  }
}
