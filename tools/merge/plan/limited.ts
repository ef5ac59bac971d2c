import type { Problem } from '../../../core/errors/index.js';

/** Problems of one kind that are told one by one before the rest is only counted. */
const SHOWN = 8;

/** Gathers problems of many tensors: two models that do not belong together differ in hundreds. */
export class LimitedProblems {
  private readonly shown: Problem[] = [];
  private readonly counts = new Map<string, { last: Problem; hidden: number }>();

  /** @param kind problems of the same kind count together, for example all tensors missing in one model */
  add(kind: string, problem: Problem): void {
    const count = this.counts.get(kind) ?? { last: problem, hidden: -SHOWN };
    count.hidden++;
    count.last = problem;
    this.counts.set(kind, count);
    if (count.hidden <= 0) this.shown.push(problem);
  }

  get isEmpty(): boolean {
    return this.shown.length === 0;
  }

  /** All that are shown, and one for the rest of each kind. */
  list(): Problem[] {
    const rest = [...this.counts.values()]
      .filter(({ hidden }) => hidden > 0)
      .map(({ last, hidden }) => ({
        ...last,
        at: `${hidden} more`,
        message: `${last.message}, and ${hidden} like it`,
      }));
    return [...this.shown, ...rest.map(({ at, message, source }) => ({ at, message, source }))];
  }
}
