import type { TensorChoice } from './choices.js';
import type { FormatErrors } from './errors.js';
import { DOWN, groupsOf, type TensorGroup } from './groups.js';

/** Names of formats by the names of tensors. */
export type FormatNames = Readonly<Record<string, string>>;

export interface SensitivityOptions {
  /** Mean negative log-likelihood of the model with these formats, nats. */
  readonly loss: (formats: FormatNames) => Promise<number>;
  /** Format that groups are given back. Default int8; the last of the ladder where it has none. */
  readonly restored?: string;
  /** Most groups that are measured: those whose errors promise most for each byte. Default 16. */
  readonly most?: number;
  /** Told before the first evaluation and after each. */
  readonly onEvaluation?: (done: number, total: number) => void | Promise<void>;
}

/** What giving tensors more bits brings. */
export interface Restored {
  /** Of the group, or of the ablation. */
  readonly name: string;
  /** Bytes more. */
  readonly bytes: number;
  /** Loss that goes away, nats: negative where it is worse. null: not measured. */
  readonly gain: number | null;
}

/** Sensitivity of a model whose matrices all have the first format of their ladder. */
export interface Sensitivity {
  /** Loss with all of them, nats. */
  readonly base: number;
  /** Every group alone, in the order of what their errors promise. */
  readonly groups: readonly Restored[];
  /** The first and the last block, and all down projections: where losses are said to be largest. */
  readonly ablations: readonly Restored[];
  /** By the name of the group, as `allocate` takes them: what each costs in its first format. */
  readonly losses: Readonly<Record<string, number>>;
  readonly evaluations: number;
}

/** Every tensor in the first of its formats. */
export function smallestFormats(choices: readonly TensorChoice[]): FormatNames {
  return Object.fromEntries(choices.map(({ tensor, options }) => [tensor.name, options[0]!.format]));
}

/**
 * How much loss goes away where a group is given back more bits and all others stay as small as they can be: one evaluation
 * for each group, one for each ablation and one without.
 */
export async function measureSensitivity(
  choices: readonly TensorChoice[],
  errors: FormatErrors,
  { loss, restored = 'int8', most = 16, onEvaluation = () => undefined }: SensitivityOptions,
): Promise<Sensitivity> {
  const open = choices.filter(({ options }) => options.length > 1);
  const trials = groupsOf(open.map(({ tensor }) => tensor))
    .map((group) => trialOf(group.name, [group], open, errors, restored))
    .sort((a, b) => promise(b) - promise(a));
  const [asked, left] = [trials.slice(0, most), trials.slice(most)];
  const ablations = ablationsOf(groupsOf(open.map(({ tensor }) => tensor))).map(({ name, groups }) =>
    trialOf(name, groups, open, errors, restored),
  );
  const smallest = smallestFormats(choices);
  // The down projections of a model of one layer are one of its groups.
  const distinct = new Map([...asked, ...ablations].map((trial) => [keyOf(trial), trial]));
  const total = distinct.size + 1;
  await onEvaluation(0, total);
  const base = await loss(smallest);
  await onEvaluation(1, total);
  const gains = new Map<string, number>();
  for (const [key, { formats }] of distinct) {
    gains.set(key, base - (await loss({ ...smallest, ...formats })));
    await onEvaluation(gains.size + 1, total);
  }
  const restoredOf = (trial: Trial): Restored => ({
    name: trial.name,
    bytes: trial.bytes,
    gain: gains.get(keyOf(trial)) ?? null,
  });
  return {
    base,
    groups: [...asked.map(restoredOf), ...left.map(({ name, bytes }) => ({ name, bytes, gain: null }))],
    ablations: ablations.map(restoredOf),
    losses: Object.fromEntries(asked.map((trial) => [trial.name, gains.get(keyOf(trial))! / trial.share])),
    evaluations: total,
  };
}

interface Trial {
  readonly name: string;
  /** Of the tensors that get more bits. */
  readonly formats: FormatNames;
  readonly bytes: number;
  /** Error that goes away. */
  readonly error: number;
  /** Of the error in the first format, how much goes away, 0..1. */
  readonly share: number;
}

function trialOf(
  name: string,
  groups: readonly TensorGroup[],
  open: readonly TensorChoice[],
  errors: FormatErrors,
  restored: string,
): Trial {
  const names = new Set(groups.flatMap(({ tensors }) => tensors));
  const own = open.filter(({ tensor }) => names.has(tensor.name));
  const formats: Record<string, string> = {};
  let [bytes, before, after] = [0, 0, 0];
  for (const { tensor, options } of own) {
    const wanted = options.findIndex(({ format }) => format === restored);
    const at = wanted > 0 ? wanted : options.length - 1;
    formats[tensor.name] = options[at]!.format;
    bytes += options[at]!.bytes - options[0]!.bytes;
    before += errors[tensor.name]?.[0] ?? 0;
    after += errors[tensor.name]?.[at] ?? 0;
  }
  const error = before - after;
  return { name, formats, bytes, error, share: before > 0 && error > 0 ? error / before : 1 };
}

function ablationsOf(groups: readonly TensorGroup[]): { name: string; groups: readonly TensorGroup[] }[] {
  const layers = groups.flatMap(({ layer }) => (layer === null ? [] : [layer]));
  const [first, last] = [Math.min(...layers), Math.max(...layers)];
  return [
    { name: 'first block', groups: groups.filter(({ layer }) => layer === first) },
    { name: 'last block', groups: groups.filter(({ layer }) => layer === last && last > first) },
    { name: 'down projections', groups: groups.filter(({ kind }) => kind === DOWN) },
  ].filter((ablation) => ablation.groups.length > 0);
}

function promise({ error, bytes }: Trial): number {
  return error / Math.max(1, bytes);
}

function keyOf({ formats }: Trial): string {
  return Object.keys(formats).join('\n');
}
