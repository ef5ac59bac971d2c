import type { ToolFailure, ToolLimits, ToolOutcome } from '../../../core/contracts/tool.js';

/** Most characters of the arguments of any tool: what is longer is not looked at. */
const LONGEST_ARGUMENTS = 2000;

/** Stops a tool from within: its message is part of the outcome. */
export class ToolStop extends Error {
  override readonly name = 'ToolStop';

  constructor(
    readonly failure: ToolFailure,
    message: string,
  ) {
    super(message);
  }
}

/**
 * What a tool does with the text it is given, as an outcome: the text it returns, cut to the limit, or why it stopped.
 *
 * @param work throws {@link ToolStop}; anything else that it throws is a mistake of ours, and thrown
 */
export function outcomeOf(
  args: string,
  limits: Pick<ToolLimits, 'characters'>,
  work: () => string,
): ToolOutcome {
  if (args.length > LONGEST_ARGUMENTS)
    return { ok: false, failure: 'limit', message: `more than ${LONGEST_ARGUMENTS} characters` };
  try {
    return cutTo(work(), limits.characters);
  } catch (error) {
    if (!(error instanceof ToolStop)) throw error;
    return { ok: false, failure: error.failure, message: error.message };
  }
}

/** Counts the steps of a tool. */
export class Steps {
  private taken = 0;

  constructor(private readonly limits: Pick<ToolLimits, 'steps'>) {}

  /** @throws ToolStop when there are none left */
  take(count = 1): void {
    this.taken += count;
    if (this.taken > this.limits.steps) throw new ToolStop('limit', `more than ${this.limits.steps} steps`);
  }
}

/** A character of two halves is not cut apart. */
function cutTo(text: string, characters: number): ToolOutcome {
  const whole = [...text.slice(0, 2 * characters + 2)];
  if (whole.length <= characters) return { ok: true, text };
  return { ok: true, text: whole.slice(0, characters).join(''), cut: true };
}
