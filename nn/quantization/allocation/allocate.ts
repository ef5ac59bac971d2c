import { requireCap, type SizeCap } from './cap.js';
import type { TensorChoice } from './choices.js';
import type { FormatErrors } from './errors.js';
import { groupsOf, type TensorGroup } from './groups.js';

/** A better format for a group, and what it cost. */
export interface Purchase {
  readonly group: TensorGroup;
  readonly from: string;
  readonly to: string;
  /** More than before. */
  readonly bytes: number;
  /** Error that it takes away, in the unit of the errors or of the sensitivity. */
  readonly gain: number;
}

/** A format for every tensor of a model. */
export interface Allocation {
  /** Names of formats by the names of tensors, in the order of the model. */
  readonly formats: Readonly<Record<string, string>>;
  /** Why a tensor has its format, by its name. */
  readonly reasons: Readonly<Record<string, string>>;
  /** Of everything, with the overhead. */
  readonly bytes: number;
  readonly cap: number;
  /** Sum over the groups of what could be bought off. */
  readonly error: number;
  /** In the order of the gain for each byte. */
  readonly purchases: readonly Purchase[];
  /** What would have been bought next and did not fit, best first. */
  readonly refused: readonly Purchase[];
}

export interface AllocateOptions {
  /**
   * Loss that each group costs in the first format of its ladder, by the name of the group: what was measured, for the cheap
   * errors to be scaled to. A group that is not here counts by its errors alone, scaled as the measured ones are on average.
   */
  readonly losses?: Readonly<Record<string, number>>;
  /** Config path of the cap, for messages. */
  readonly at: string;
}

/**
 * Formats under a size cap: every group begins with the first of its ladder; then the upgrade that takes away most error for
 * each byte more is bought, again and again, as long as one fits. Each group goes along the lower convex hull of bytes and
 * error, so that its steps come in the order of their worth: a larger cap never gives a larger error.
 *
 * @throws ForgeError AF_CONFIG_INVALID when not even the smallest formats fit
 */
export function allocate(
  choices: readonly TensorChoice[],
  errors: FormatErrors,
  cap: SizeCap,
  { losses = {}, at }: AllocateOptions,
): Allocation {
  requireCap(choices, cap, at);
  const ladders = scaled(laddersOf(choices, errors), losses);
  const steps = ladders.flatMap(hullSteps).sort(byWorth);
  const start = choices.reduce((sum, { options }) => sum + options[0]!.bytes, cap.overhead ?? 0);
  const rung = new Map(ladders.map(({ group }) => [group.name, 0]));
  const closed = new Set<string>();
  const [purchases, refused]: [Purchase[], Purchase[]] = [[], []];
  let bytes = start;
  for (const { to, purchase } of steps) {
    const { name } = purchase.group;
    if (closed.has(name)) continue;
    if (bytes + purchase.bytes > cap.bytes) {
      closed.add(name);
      refused.push(purchase);
      continue;
    }
    bytes += purchase.bytes;
    rung.set(name, to);
    purchases.push(purchase);
  }
  const error = ladders.reduce((sum, { group, points }) => sum + points[rung.get(group.name)!]!.error, 0);
  return { ...chosen(choices, ladders, rung), ...{ bytes, cap: cap.bytes, error, purchases, refused } };
}

/** What a group takes and costs in each format of its ladder. */
interface Ladder {
  readonly group: TensorGroup;
  readonly points: readonly { readonly format: string; readonly bytes: number; readonly error: number }[];
}

function laddersOf(choices: readonly TensorChoice[], errors: FormatErrors): Ladder[] {
  const open = choices.filter(({ options }) => options.length > 1);
  return groupsOf(open.map(({ tensor }) => tensor)).map((group) => {
    const own = open.filter(({ tensor }) => group.tensors.includes(tensor.name));
    const sum = (of: (choice: TensorChoice) => number): number =>
      own.reduce((total, choice) => total + of(choice), 0);
    const points = own[0]!.options.map(({ format }, i) => ({
      format,
      bytes: sum(({ options }) => options[i]!.bytes),
      error: sum(({ tensor }) => errors[tensor.name]?.[i] ?? 0),
    }));
    return { group, points };
  });
}

/** Errors in the unit of the measured losses: the loss of a group is that of its first format. */
function scaled(ladders: readonly Ladder[], losses: Readonly<Record<string, number>>): readonly Ladder[] {
  const known = ladders.filter(({ group }) => losses[group.name] !== undefined);
  if (known.length === 0) return ladders;
  const lossOf = ({ group }: Ladder): number => Math.max(0, losses[group.name]!);
  const total = known.reduce((sum, { points }) => sum + points[0]!.error, 0);
  const average = total === 0 ? 0 : known.reduce((sum, ladder) => sum + lossOf(ladder), 0) / total;
  return ladders.map((ladder) => {
    const { group, points } = ladder;
    const first = points[0]!.error;
    const measured = losses[group.name] !== undefined && first > 0;
    const scale = measured ? lossOf(ladder) / first : average;
    return { group, points: points.map((point) => ({ ...point, error: point.error * scale })) };
  });
}

interface Step {
  /** Rung that it leads to. */
  readonly to: number;
  /** Gain for each byte. */
  readonly worth: number;
  readonly purchase: Purchase;
}

/** Best first; free steps are infinitely good. */
function byWorth(a: Step, b: Step): number {
  return a.worth === b.worth ? 0 : b.worth - a.worth;
}

/** Steps along the lower convex hull, each worth no more than the one before. */
function hullSteps({ group, points }: Ladder): Step[] {
  const steps: Step[] = [];
  let at = 0;
  let most = Infinity;
  for (;;) {
    const from = points[at]!;
    let best: Step | null = null;
    for (let to = at + 1; to < points.length; to++) {
      const next = points[to]!;
      const [gain, bytes] = [from.error - next.error, next.bytes - from.bytes];
      if (!(gain > 0)) continue;
      const worth = bytes <= 0 ? Infinity : gain / bytes;
      if (best !== null && worth <= best.worth) continue;
      best = { to, worth, purchase: { group, from: from.format, to: next.format, bytes, gain } };
    }
    if (best === null) return steps;
    // Rounding must not turn the order round.
    most = Math.min(most, best.worth);
    steps.push({ ...best, worth: most });
    at = best.to;
  }
}

function chosen(
  choices: readonly TensorChoice[],
  ladders: readonly Ladder[],
  rung: ReadonlyMap<string, number>,
): Pick<Allocation, 'formats' | 'reasons'> {
  const formats: Record<string, string> = {};
  const reasons: Record<string, string> = {};
  for (const { tensor, options, reason } of choices) {
    const ladder = ladders.find(({ group }) => group.tensors.includes(tensor.name));
    const at = ladder === undefined || options.length === 1 ? 0 : rung.get(ladder.group.name)!;
    formats[tensor.name] = options[at]!.format;
    reasons[tensor.name] = at === 0 ? reason : `${ladder!.group.name} was worth it`;
  }
  return { formats, reasons };
}
