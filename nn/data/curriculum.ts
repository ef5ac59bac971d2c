import type { DataCategory } from '../../core/contracts/dataset.js';

/** Share of each source by name; need not sum to one. */
export type MixtureWeights = Readonly<Record<string, number>>;

export interface CurriculumStage {
  /** Where the stage begins, as a fraction of the run in [0, 1). The first stage begins at 0. */
  readonly from: number;
  readonly weights: MixtureWeights;
}

export interface CurriculumOptions {
  readonly stages: readonly CurriculumStage[];
  readonly totalSteps: number;
  /**
   * Steps over which one stage's weights turn into the next one's, counted from the stage's beginning. Default 500,
   * or a quarter of the run where that is shorter.
   */
  readonly transitionSteps?: number;
  /** Largest share of any one set in a stage (0.2 keeps a small set from being learnt by heart). Default: no cap. */
  readonly cap?: number;
  /** Sets the cap does not apply to, for example the language modelling text. */
  readonly capExempt?: readonly string[];
}

/** Weights as a function of the training step: constant within a stage, linear from one stage to the next. */
export function curriculum(options: CurriculumOptions): (step: number) => MixtureWeights {
  const { totalSteps } = options;
  const stages = [...options.stages].sort((a, b) => a.from - b.from);
  if (stages[0]?.from !== 0) throw new RangeError('the first stage of a curriculum must begin at 0');
  const transition = options.transitionSteps ?? Math.min(500, Math.ceil(totalSteps / 4));
  const starts = stages.map((stage) => Math.round(stage.from * totalSteps));
  const ends = stages.map((stage) => stageWeights(stage.weights, options));
  const at = (stage: number, step: number): MixtureWeights => {
    if (stage === 0) return ends[0]!;
    const elapsed = step - starts[stage]!;
    if (elapsed >= transition) return ends[stage]!;
    return interpolate(at(stage - 1, starts[stage]!), ends[stage]!, elapsed / transition);
  };
  return (step) => {
    let stage = 0;
    while (stage + 1 < stages.length && starts[stage + 1]! <= step) stage++;
    return at(stage, step);
  };
}

function stageWeights(weights: MixtureWeights, options: CurriculumOptions): MixtureWeights {
  const normalised = normaliseWeights(weights);
  return options.cap === undefined ? normalised : capWeights(normalised, options.cap, options.capExempt);
}

/** Weights that sum to one. @throws RangeError when one is negative or not finite, or all are zero. */
export function normaliseWeights(weights: MixtureWeights): MixtureWeights {
  const entries = Object.entries(weights);
  for (const [name, weight] of entries) {
    if (!(Number.isFinite(weight) && weight >= 0))
      throw new RangeError(`weight of "${name}" is ${weight}, expected a number >= 0`);
  }
  const sum = entries.reduce((total, [, weight]) => total + weight, 0);
  if (sum === 0) throw new RangeError('all mixture weights are zero');
  return Object.fromEntries(entries.map(([name, weight]) => [name, weight / sum]));
}

/**
 * Bring every share down to `cap`; what is cut goes to the others in proportion to their weights. Where even equal
 * shares are above the cap (fewer than 1/cap sets and nothing exempt), the shares become equal.
 */
export function capWeights(
  weights: MixtureWeights,
  cap: number,
  exempt: readonly string[] = [],
): MixtureWeights {
  const shares = { ...normaliseWeights(weights) };
  const free = new Set(Object.keys(shares).filter((name) => shares[name]! > 0));
  for (;;) {
    const rest = [...free].reduce((sum, name) => sum + shares[name]!, 0);
    const over = [...free].filter((name) => !exempt.includes(name) && shares[name]! > cap + 1e-12);
    if (over.length === 0) return shares;
    for (const name of over) {
      shares[name] = cap;
      free.delete(name);
    }
    const left = rest - over.length * cap;
    if (free.size === 0) return equalise(shares);
    const remaining = [...free].reduce((sum, name) => sum + shares[name]!, 0);
    for (const name of free) shares[name] = (shares[name]! / remaining) * left;
  }
}

function equalise(shares: MixtureWeights): MixtureWeights {
  const used = Object.values(shares).filter((share) => share > 0).length;
  return Object.fromEntries(Object.entries(shares).map(([name, share]) => [name, share > 0 ? 1 / used : 0]));
}

/** Divide the share of each category equally among its datasets; categories without a dataset are left out. */
export function categoryWeights(
  datasets: readonly { readonly name: string; readonly category: DataCategory }[],
  mix: Readonly<Partial<Record<DataCategory, number>>>,
): MixtureWeights {
  const members = (category: DataCategory): number =>
    datasets.filter((dataset) => dataset.category === category).length;
  return normaliseWeights(
    Object.fromEntries(
      datasets.map(({ name, category }) => [name, (mix[category] ?? 0) / members(category)]),
    ),
  );
}

function interpolate(from: MixtureWeights, to: MixtureWeights, fraction: number): MixtureWeights {
  const names = new Set([...Object.keys(from), ...Object.keys(to)]);
  return Object.fromEntries(
    [...names].map((name) => [name, (from[name] ?? 0) * (1 - fraction) + (to[name] ?? 0) * fraction]),
  );
}
