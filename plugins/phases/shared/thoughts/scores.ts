import { THOUGHT_TAGS } from '../../../../core/contracts/thoughts.js';
import type { Examined } from './examine.js';

/** Questions of one strategy as they were answered after a thought. JSON. */
export interface StrategyScore {
  readonly items: number;
  readonly accuracy: number;
}

/** Questions of one group by the strategy that they ask for. */
export function byStrategy({ records, arms }: Examined): Readonly<Record<string, StrategyScore>> {
  const strategies = [...new Set(records.map(({ strategy }) => strategy))].sort();
  return Object.fromEntries(
    strategies.map((strategy) => {
      const at = indicesOf(records, (record) => record.strategy === strategy);
      return [
        strategy,
        { items: at.length, accuracy: share(at, (i) => arms.arms.with?.[i]?.right === true) },
      ];
    }),
  );
}

const [, END, ...INNER] = THOUGHT_TAGS;

/**
 * Of the thoughts that should have a tag, because the worked one has it, the share that do; of all, the share that end by
 * themselves. A tag that no worked thought has is left out.
 *
 * @param ids of the tags
 */
export function tagUsage(
  { records, arms }: Examined,
  ids: Readonly<Record<string, number>>,
): Readonly<Record<string, number>> {
  const usage: Record<string, number> = {};
  for (const tag of INNER) {
    const at = indicesOf(records, ({ trace }) => trace.includes(tag));
    if (at.length > 0) usage[nameOf(tag)] = share(at, (i) => arms.thoughts[i]!.ids.includes(ids[tag]!));
  }
  const all = indicesOf(records, ({ trace }) => trace.includes(END));
  if (all.length > 0) usage['end'] = share(all, (i) => arms.thoughts[i]!.ended);
  return usage;
}

/** `step` of `<step>`: metric names have no angle brackets. */
function nameOf(tag: string): string {
  return tag.slice(1, -1);
}

function indicesOf<T>(all: readonly T[], holds: (one: T) => boolean): number[] {
  return all.flatMap((one, i) => (holds(one) ? [i] : []));
}

function share(at: readonly number[], holds: (i: number) => boolean): number {
  return at.filter(holds).length / at.length;
}
