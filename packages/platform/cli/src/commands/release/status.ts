import { readLocks } from '@atlas/manifest'
import { gather, lockHolder, planRelease, readReleases, unpublished, upstreamOf } from '@atlas/release'
import { exitCode } from '../../exit-code.ts'
import { formatFindings, type Output } from '../../output.ts'
import { findRoot } from '../../workspace/find-root.ts'
import { explained } from './explained.ts'
import { making } from './releasing.ts'

/** `atlas release status`. */
export function status({ cwd, json }: { cwd: string; json: boolean }, output: Output): Promise<number> {
  return explained(async () => {
    const root = await findRoot(cwd)
    const upstream = await upstreamOf(root)
    const [{ facts, findings }, waiting, releases, locks, holder] = await Promise.all([
      gather(root, making.platformOf),
      unpublished(root),
      readReleases(root),
      readLocks(root),
      lockHolder(root, upstream?.remote),
    ])
    const isPlannable = findings.every(({ severity }) => severity !== 'error')
    const plan = isPlannable ? planRelease(facts) : undefined
    const behind = Object.entries(locks).flatMap(([environment, lock]) =>
      Object.entries(lock)
        .filter(([servlet, { version }]) => releases[servlet] && releases[servlet].version !== version)
        .map(([servlet, { version }]) => ({
          environment,
          servlet,
          runs: version,
          newest: releases[servlet]!.version,
        })),
    )
    const report = {
      changesets: facts.changesets.map(({ file }) => file),
      planned:
        plan?.releases.map(({ package: name, to, certain }) => ({ package: name, version: to, certain })) ??
        [],
      held: plan?.held ?? [],
      unpublished: waiting.map(({ package: name, version }) => ({ package: name, version })),
      behind,
      releasing: holder ?? null,
      findings,
    }
    if (json) output.json(report)
    else {
      output.print(`${report.changesets.length} changesets; ${report.planned.length} packages planned`)
      for (const { package: name, version } of report.unpublished)
        output.print(`${name} ${version} was cut and is not published; npx atlas release publish`)
      for (const { servlet, steps } of report.held) output.print(`${servlet} is held: ${steps[0]}`)
      for (const { environment, servlet, runs, newest } of behind)
        output.print(`${environment} runs ${servlet} ${runs}; the newest is ${newest}`)
      if (holder) output.print(`${holder.host} (process ${holder.pid}) is releasing since ${holder.since}`)
      for (const line of formatFindings(findings)) output.note(line)
    }
    return isPlannable ? exitCode.done : exitCode.refused
  })
}
