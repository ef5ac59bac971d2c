import type { ControlContext, RecordContext } from '../../../core/contracts/phase.js';

/** A part of a phase: what it costs, in whatever unit all parts share. */
export interface WorkPart<Name extends string> {
  readonly name: Name;
  readonly cost: number;
}

/**
 * How much of a phase is done, 0..1, from what its parts cost and how far each has come: no part stands still, and no
 * number ever goes back.
 */
export class WorkShares<Name extends string> {
  private readonly starts = new Map<Name, { readonly from: number; readonly cost: number }>();
  private readonly total: number;

  /** @param parts in the order in which they are done */
  constructor(parts: readonly WorkPart<Name>[]) {
    let from = 0;
    for (const { name, cost } of parts) {
      this.starts.set(name, { from, cost });
      from += cost;
    }
    this.total = from;
  }

  /** @param done of the part, 0..1 */
  at(part: Name, done: number): number {
    const { from, cost } = this.starts.get(part)!;
    return this.total === 0 ? 0 : (from + cost * Math.min(1, done)) / this.total;
  }
}

/** What a counted piece of work is called in the live display. */
export interface CountedWork {
  readonly task: string;
  readonly total: number;
  /** `batch`, `model`. */
  readonly unit: string;
  /** Of the whole phase, by the share of this work that is done; absent where it is not known. */
  readonly fraction?: (done: number) => number;
}

/**
 * Reports pieces as they are done, with the time left, and lets a pause leave between them: what is only measured is
 * measured again after a resume, so there is nothing to save.
 */
export function counted(
  ctx: Pick<RecordContext, 'progress'> & Pick<ControlContext, 'pausePoint'>,
  { task, total, unit, fraction }: CountedWork,
): (done: number) => Promise<void> {
  const started = performance.now();
  return async (done) => {
    const seconds = (performance.now() - started) / 1000;
    ctx.progress({
      task,
      done,
      total,
      unit,
      values: {},
      etaSeconds: done === 0 ? null : (seconds / done) * (total - done),
      ...(fraction === undefined ? {} : { phaseFraction: fraction(total === 0 ? 1 : done / total) }),
    });
    await ctx.pausePoint(() => Promise.resolve());
  };
}
