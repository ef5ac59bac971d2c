import {
  ARMS,
  compareWithEach,
  mcNemarCounts,
  wilsonEstimate,
  type ArmName,
  type Estimate,
  type McNemarCounts,
  type PairedComparison,
  type ThoughtArms,
} from '../../../../nn/evaluation/index.js';
import { defaultRivals, THEATER_ITEMS, THEATER_LIMITS, V_B_LIMITS, type TheaterOptions } from './limits.js';
import { above, measured, short, unmeasured, type TheaterTest } from './test-result.js';

/** Answers with the own thought against those of another arm. JSON. */
export interface ArmComparison extends PairedComparison {
  readonly counts: McNemarCounts;
}

/** How well each arm did, and `with` against each of the others. JSON. */
export interface ArmScores {
  /** Share of right answers with its score interval. */
  readonly accuracy: Readonly<Partial<Record<ArmName, Estimate & { readonly right: number }>>>;
  readonly comparisons: Readonly<Partial<Record<ArmName, ArmComparison>>>;
}

/** Score the arms; nothing where no item was asked. */
export function scoreArms({ arms, items }: ThoughtArms, options: TheaterOptions): ArmScores {
  const accuracy: Partial<Record<ArmName, Estimate & { readonly right: number }>> = {};
  const comparisons: Partial<Record<ArmName, ArmComparison>> = {};
  if (items.length === 0) return { accuracy, comparisons };
  const rights: Partial<Record<ArmName, boolean[]>> = {};
  for (const arm of ARMS) {
    const answers = arms[arm]?.map((answer) => answer.right);
    if (answers === undefined) continue;
    rights[arm] = answers;
    const right = answers.filter((one) => one).length;
    accuracy[arm] = { right, ...wilsonEstimate(right, items.length) };
  }
  const { with: own, ...others } = rights;
  if (own === undefined) return { accuracy, comparisons };
  const numbers = Object.entries(others).map(([arm, answers]) => [arm, answers.map(Number)] as const);
  const compared = compareWithEach(own.map(Number), Object.fromEntries(numbers), options);
  for (const arm of Object.keys(others) as (keyof typeof others)[])
    comparisons[arm] = { ...compared[arm]!, counts: mcNemarCounts(own, others[arm]!) };
  return { accuracy, comparisons };
}

/**
 * T2: answers are better with the own thought than without, by more than chance, and better than with anything else in
 * its place. V-B asks for the gain alone.
 */
export function ablationTests(
  { comparisons }: ArmScores,
  items: number,
  options: TheaterOptions,
): readonly [TheaterTest<'T2_ablation'>, TheaterTest<'improvement'>] {
  const bound = above(THEATER_LIMITS.gain);
  const gain = comparisons.without?.difference.value;
  if (gain === undefined) {
    const reason = 'the same items were not answered both with and without thoughts';
    return [unmeasured('T2_ablation', bound, reason), unmeasured('improvement', bound, reason)];
  }
  const judged = verdict(gain, comparisons, items, options);
  return [
    { name: 'T2_ablation', value: gain, limit: bound.limit, ...judged },
    measured('improvement', gain, above(V_B_LIMITS.improvement)),
  ];
}

function verdict(
  gain: number,
  comparisons: ArmScores['comparisons'],
  items: number,
  {
    minItems = THEATER_ITEMS,
    sure = true,
    against = defaultRivals(Object.keys(comparisons) as ArmName[]),
  }: TheaterOptions,
): Pick<TheaterTest, 'passed' | 'reason'> {
  const least = `> ${THEATER_LIMITS.gain}`;
  const rivals = [...new Set(['without' as const, ...against])];
  const missing = rivals.filter((arm) => comparisons[arm] === undefined);
  if (items < minItems) return { passed: null, reason: `${items} items are too few: at least ${minItems}` };
  if (missing.length > 0) return { passed: null, reason: `not compared with ${missing.join(', ')}` };
  const faults = rivals.flatMap((arm) => {
    const { value, low } = comparisons[arm]!.difference;
    const better = sure ? low !== null && low > 0 : value > 0;
    return better ? [] : [`not ${sure ? 'surely ' : ''}better than ${arm}`];
  });
  if (gain <= THEATER_LIMITS.gain) faults.unshift(`${short(gain)} is not ${least}`);
  if (faults.length > 0) return { passed: false, reason: faults.join('; ') };
  return { passed: true, reason: rivals.includes('control') ? null : 'no control model was compared' };
}
