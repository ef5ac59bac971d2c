import { nearest, problemsError, type Problem } from '../../core/errors/index.js';
import type { TextOptions } from '../../nn/generation/index.js';

interface Rule {
  readonly expected: string;
  readonly fits: (value: unknown) => boolean;
}

const whole = (value: unknown, least: number): boolean =>
  Number.isSafeInteger(value) && Number(value) >= least;
const between = (value: unknown, least: number, most: number): boolean =>
  typeof value === 'number' && value >= least && value <= most;

const RULES: Readonly<Record<keyof TextOptions, Rule>> = {
  temperature: {
    expected: 'a number of at least 0',
    fits: (value) => between(value, 0, Number.MAX_VALUE),
  },
  topK: {
    expected: 'a whole number of at least 1, or null for all tokens',
    fits: (value) => value === null || whole(value, 1),
  },
  topP: {
    expected: 'a number from 0 to 1, or null for all tokens',
    fits: (value) => value === null || between(value, 0, 1),
  },
  maxTokens: { expected: 'a whole number of at least 1', fits: (value) => whole(value, 1) },
  seed: { expected: 'a whole number of at least 0', fits: (value) => whole(value, 0) },
};

/**
 * Options over the defaults; one that is `undefined` counts as left out.
 * @throws ForgeError AF_GENERATE_OPTIONS with every problem
 */
export function textOptions(
  prompt: unknown,
  defaults: TextOptions,
  given: Readonly<Record<string, unknown>> | Partial<TextOptions>,
): TextOptions {
  const entries = Object.entries(given).filter(([, value]) => value !== undefined);
  const problems = entries.flatMap(([name, value]) => problemOf(name, value));
  if (typeof prompt !== 'string')
    problems.unshift({ at: 'prompt', message: 'is no text', expected: 'a string', found: typeof prompt });
  if (problems.length > 0)
    throw problemsError(
      'AF_GENERATE_OPTIONS',
      'The call',
      problems,
      'Mend the options; nothing was written.',
    );
  return { ...defaults, ...(Object.fromEntries(entries) as Partial<TextOptions>) };
}

function problemOf(name: string, value: unknown): Problem[] {
  const names = Object.keys(RULES);
  if (!Object.hasOwn(RULES, name))
    return [{ at: name, message: 'unknown option', suggestion: nearest(name, names) }];
  const { expected, fits } = RULES[name as keyof TextOptions];
  return fits(value) ? [] : [{ at: name, message: 'cannot be used', expected, found: String(value) }];
}
