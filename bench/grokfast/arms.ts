import type { GradientFilter } from '../../nn/optim/index.js';

/** How weights decay: Adam's coupled L2 (added to the gradient after the filter), or AdamW's decoupled decay. */
export interface Decay {
  readonly kind: 'none' | 'l2' | 'decoupled';
  readonly amount: number;
}

/** How a toy is trained. */
export interface Arm {
  /** Letter of the study's plan. */
  readonly name: string;
  readonly filter: GradientFilter;
  /** Hidden matrices by Muon, the rest by Adam. */
  readonly muon: boolean;
  /** Hidden matrices are ternary codes with a straight-through gradient. */
  readonly ternary: boolean;
  readonly decay: Decay;
}

/** Of the filter, as published: what "50x" was measured with. */
export const ALPHA = 0.98;
export const LAMBDA = 2;

export const NO_DECAY: Decay = { kind: 'none', amount: 0 };
/** The published decay of Grokfast-EMA: that of the arms that are compared at one decay. */
export const PUBLISHED_DECAY: Decay = { kind: 'l2', amount: 0.005 };

/**
 * The grid that every filter is tuned on. Each L2 is about three times the one before, and 1 + lambda is 3: a decay that a
 * filter weakens by 1 / (1 + lambda) is on the grid.
 */
export const DECAYS: readonly Decay[] = [
  { kind: 'l2', amount: 0.0005 },
  { kind: 'l2', amount: PUBLISHED_DECAY.amount / (1 + LAMBDA) },
  PUBLISHED_DECAY,
  { kind: 'l2', amount: PUBLISHED_DECAY.amount * (1 + LAMBDA) },
  { kind: 'decoupled', amount: 1 },
];

/** `L2 .005`, `AdamW 1`, `0`. */
export function decayName({ kind, amount }: Decay): string {
  if (kind === 'none') return '0';
  const number = amount < 1 ? String(Number(amount.toPrecision(3))).replace(/^0/, '') : String(amount);
  return `${kind === 'l2' ? 'L2' : 'AdamW'} ${number}`;
}

/** The decay divided by 1 + lambda: what a filter leaves of it beside its gradient. */
export function weakened({ kind, amount }: Decay): Decay {
  return { kind, amount: amount / (1 + LAMBDA) };
}

const plain = { filter: 'off', muon: false, ternary: false } as const;

/** What is trained how, by letter; every one of them over decays of its own. */
const WAYS = {
  B: plain,
  D: { ...plain, filter: 'lowpass' },
  E: { ...plain, filter: 'highpass' },
  F: { ...plain, muon: true },
  G: { ...plain, muon: true, filter: 'lowpass' },
  'H none': { ...plain, ternary: true },
  'H EMA': { ...plain, filter: 'lowpass', ternary: true },
} as const satisfies Record<string, Omit<Arm, 'name' | 'decay'>>;
type Way = keyof typeof WAYS;

/** An arm over decays. */
export function over(way: Way, decays: readonly Decay[] = DECAYS): readonly Arm[] {
  return decays.map((decay) => ({ name: way, ...WAYS[way], decay }));
}

/** Arms without decay: what the published baseline is, and the filter alone. */
export const UNDECAYED = {
  A: { name: 'A', ...WAYS.B, decay: NO_DECAY },
  C: { name: 'C', ...WAYS.D, decay: NO_DECAY },
} as const satisfies Record<string, Arm>;

/** Without a filter at what the filter leaves of AdamW's decay. (What it leaves of L2 is on the grid, in arm B.) */
export const WEAKENED: readonly Arm[] = DECAYS.filter(({ kind }) => kind === 'decoupled').map((decay) => ({
  name: "B'",
  ...WAYS.B,
  decay: weakened(decay),
}));

/** `D, EMA, L2 .005`. */
export function armTitle({ name, filter, muon, ternary, decay }: Arm): string {
  const way = {
    off: muon ? 'Muon' : 'no filter',
    lowpass: muon ? 'MuGrokfast' : 'EMA',
    highpass: 'high-pass',
  };
  return `${name}, ${way[filter]}${ternary ? ', ternary' : ''}, ${decayName(decay)}`;
}
