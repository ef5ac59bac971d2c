import { OPTIMIZER } from '../../../../core/contracts/optimizer.js';
import type { PlanContext } from '../../../../core/contracts/phase.js';
import { nearest, type Problem } from '../../../../core/errors/index.js';
import type { PlanProblems } from '../../shared/plan.js';
import type { CurriculumOptions } from '../options.js';
import { AT } from '../paths.js';
import { optimizerOf, type ComparisonOptions } from './options.js';

const HERE = `${AT}.comparison`;

/** What a comparison cannot be made with, before anything is loaded. */
export async function checkComparison(
  context: PlanContext,
  { comparison, forge }: CurriculumOptions,
  problems: PlanProblems,
): Promise<void> {
  if (comparison === null) return;
  for (const [name, arm] of Object.entries(comparison.arms)) {
    const { use, options } = optimizerOf(arm, forge.optimizer);
    await problems.check(`${HERE}.arms.${name}`, () => context.resolve(OPTIMIZER, use, options));
  }
  problems.add(...roleProblems(comparison), ...stepProblems(comparison));
}

/** Baseline and subject are two of the arms. */
function roleProblems(comparison: ComparisonOptions): Problem[] {
  const names = Object.keys(comparison.arms);
  const unknown = (['baseline', 'subject'] as const).flatMap((role): Problem[] => {
    const name = comparison[role];
    if (names.includes(name)) return [];
    const meant = nearest(name, names);
    return [
      {
        ...{ at: `${HERE}.${role}`, message: 'is no arm', expected: names.join(', '), found: name },
        ...(meant === undefined ? {} : { suggestion: meant }),
        fix: `name one of comparison.arms as the ${role}`,
      },
    ];
  });
  if (unknown.length > 0 || comparison.baseline !== comparison.subject) return unknown;
  return [
    {
      at: `${HERE}.subject`,
      message: 'is the baseline: an arm saves nothing over itself',
      expected: names.filter((name) => name !== comparison.baseline).join(', '),
      found: comparison.subject,
      fix: 'name another arm as the subject or as the baseline',
    },
  ];
}

/** Every arm ends with an evaluation. */
function stepProblems({ steps, evaluateEvery }: ComparisonOptions): Problem[] {
  if (steps % evaluateEvery === 0) return [];
  const most = Math.max(1, Math.round(steps / evaluateEvery)) * evaluateEvery;
  return [
    {
      at: `${HERE}.steps`,
      message: 'is no multiple of comparison.evaluateEvery: the last updates would not be evaluated',
      expected: `a multiple of ${evaluateEvery}`,
      found: String(steps),
      fix: `set comparison.steps to ${most}, or evaluateEvery to a divisor of ${steps}`,
    },
  ];
}
