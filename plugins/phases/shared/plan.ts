import type { PlanContext } from '../../../core/contracts/phase.js';
import type { Token } from '../../../core/contracts/token.js';
import { isForgeError, type Problem } from '../../../core/errors/index.js';
import type { ModelShape } from './model/shape.js';

/** Collects what forbids a run, all of it, before anything is touched. */
export class PlanProblems {
  private readonly found: Problem[] = [];

  get all(): readonly Problem[] {
    return this.found;
  }

  add(...problems: readonly Problem[]): void {
    this.found.push(...problems);
  }

  /**
   * Run a check: a ForgeError becomes a problem, anything else is a defect and goes on.
   * @param at config path, for a problem that names none
   * @returns null where there was a problem
   */
  async check<T>(at: string, check: () => T | Promise<T>): Promise<T | null> {
    try {
      return await check();
    } catch (error) {
      if (!isForgeError(error)) throw error;
      const { problems, message, fix } = error;
      this.add(
        ...(problems.length > 0 ? problems : [{ at, message, ...(fix === undefined ? {} : { fix }) }]),
      );
      return null;
    }
  }

  /** Whether something of that name is provided. */
  async known<T>(
    ctx: Pick<PlanContext, 'resolve'>,
    token: Token<T>,
    name: string,
    at: string,
  ): Promise<T | null> {
    return this.check(at, () => ctx.resolve(token, name));
  }
}

/** Rows that are longer than the model can read. @param at config path of the length */
export function lengthProblems(length: number, { architecture, config }: ModelShape, at: string): Problem[] {
  const limit = architecture.contextLength(config.hyperparameters);
  if (length <= limit) return [];
  return [
    {
      at,
      message: 'rows are longer than the model can read',
      expected: `at most ${limit} (its context)`,
      found: String(length),
      fix: 'lower training.length, or give the model a longer context (model.size, model.hyperparameters)',
    },
  ];
}
