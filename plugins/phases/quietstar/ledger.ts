import { BAKING_DIVERGENCE } from '../../../nn/objectives/index.js';
import type { BakingEntry } from '../shared/baking/types.js';
import type { BakedModels } from './bake.js';
import type { QuietstarOptions } from './options.js';

/** How closely a part of a bake is to be what was asked for. */
export const STRENGTH_TOLERANCE = 0.05;

/** What a bake did, as the handoff has it. JSON; without its seconds, so that equal runs say equal things. */
export type LedgerEntry = Omit<BakingEntry, 'seconds'> & { readonly part: 'thoughts' | 'control' };

/** Everything step 1 baked: the thoughts first, then the control. */
export function ledgerOf({ entries }: Pick<BakedModels, 'entries'>): LedgerEntry[] {
  return (['thoughts', 'control'] as const).flatMap((part) =>
    entries[part].map(({ seconds: _, ...entry }) => ({ part, ...entry })),
  );
}

/** Updates that are in the weights. */
export function updatesOf(entries: readonly BakingEntry[]): number {
  return entries.reduce((sum, { kept, steps }) => sum + (kept ? steps : 0), 0);
}

/** What the bake of the thoughts did to its held-out loss. */
export interface BakingEffect {
  /** Divergence before and after, nats, of the last round that was kept; null for methods that are measured by something else. */
  readonly divergence: { readonly before: number; readonly after: number } | null;
  readonly strength: number | null;
  /** That are in the weights. */
  readonly rounds: number;
}

/** The teacher of a round is its own, so what is compared is before and after one round; with none kept nothing changed. */
export function effectOf(entries: readonly BakingEntry[]): BakingEffect {
  const kept = entries.filter((entry) => entry.kept);
  const { measured, before, after, strength } = kept.at(-1) ?? { ...entries[0]!, after: entries[0]!.before };
  return {
    divergence: measured === BAKING_DIVERGENCE ? { before, after } : null,
    strength: kept.length === 0 ? null : strength,
    rounds: kept.length,
  };
}

/** What did not become of the bakes as it was asked for. */
export function ledgerWarnings(
  { entries }: Pick<BakedModels, 'entries'>,
  { baking }: Pick<QuietstarOptions, 'baking'>,
): string[] {
  const wanted = baking.strength;
  return ledgerOf({ entries }).flatMap(({ part, round, kept, strength }) => {
    if (round === 1 && !kept)
      return [`The ${part} were not kept in any round: the model goes on as it was grown.`];
    if (wanted === null) return [];
    if (strength === null)
      return [`Baking of the ${part} did not lower the held-out loss: nothing was baked.`];
    return Math.abs(strength - wanted) <= STRENGTH_TOLERANCE
      ? []
      : [`The strength of the ${part} is ${strength.toFixed(2)} and not ${wanted}: no point between has it.`];
  });
}
