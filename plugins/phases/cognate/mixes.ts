import type { DataCategory } from '../../../core/contracts/dataset.js';
import { ForgeError, type Problem } from '../../../core/errors/index.js';
import type { Corpus } from '../shared/data/corpus.js';
import type { CategoryMix } from '../shared/options.js';
import { SPECIALIZATIONS, TRUNK_MIX, type CognateOptions } from './options.js';

/** A mix of data as the options have it. */
export interface NamedMix {
  /** Its place in the config. */
  readonly at: string;
  readonly mix: CategoryMix;
  /** What stands there by default. */
  readonly usual: CategoryMix | undefined;
}

/** The mixes of trunk and branches. */
export function mixesOf({ data, specializations }: CognateOptions): readonly NamedMix[] {
  return [
    { at: 'phases.cognate.data.trunkMix', mix: data.trunkMix, usual: TRUNK_MIX },
    ...specializations.map(({ name, mix }, i) => ({
      at: `phases.cognate.specializations[${i}].mix`,
      mix,
      usual: SPECIALIZATIONS.find((branch) => branch.name === name)?.mix,
    })),
  ];
}

type Provided = readonly { readonly name: string; readonly category: DataCategory }[];

/** Mixes that leave nothing to train on. @param datasets those that are listed and known */
export function mixProblems(options: CognateOptions, datasets: Provided): Problem[] {
  if (datasets.length === 0) return [];
  return mixesOf(options).flatMap(({ at, mix }): Problem[] => {
    const named = shares(mix);
    if (datasets.some(({ category }) => named.includes(category))) return [];
    const there = datasets.map(({ name, category }) => `${category} (${name})`).join(', ');
    return [
      {
        at,
        message: named.length === 0 ? 'every share is zero' : 'no dataset gives any data of these kinds',
        expected: `a share above 0 for one of ${there}`,
        found: JSON.stringify(mix),
        fix: 'Give a share to a kind of data that the datasets have, or list another dataset.',
      },
    ];
  });
}

/** Share of a mix up to which a kind of data is taken where there is some, and not missed where there is none. */
const SMALL_SHARE = 0.05;

/**
 * Kinds of data that a mix asks for and no dataset has. The usual mixes name all kinds and are passed over; a small share
 * is one for whatever there is.
 */
export function mixWarnings(options: CognateOptions, datasets: Provided): string[] {
  return mixesOf(options).flatMap(({ at, mix, usual }) => {
    if (JSON.stringify(mix) === JSON.stringify(usual)) return [];
    const total = Object.values(mix).reduce((sum, share) => sum + share, 0);
    const missing = Object.entries(mix).flatMap(([kind, share]) =>
      share > SMALL_SHARE * total * (1 + 1e-9) && !datasets.some(({ category }) => category === kind)
        ? [kind]
        : [],
    );
    if (missing.length === 0 || missing.length === shares(mix).length) return [];
    return [`${at}: no dataset has data of the kind ${missing.join(', ')}; its share goes to the others.`];
  });
}

/** Every mix must have something to train on. @throws ForgeError AF_DATA_WEIGHTS */
export function requireTrainable({ sets }: Corpus, options: CognateOptions): void {
  for (const { at, mix } of mixesOf(options)) {
    const used = sets.some(({ category, train }) => (mix[category] ?? 0) > 0 && train.length > 0);
    if (used) continue;
    const there = sets
      .filter(({ train }) => train.length > 0)
      .map(({ name, category }) => `${name} (${category})`);
    throw new ForgeError(
      'AF_DATA_WEIGHTS',
      `The mix ${at} gives no share to any data that can be trained on.`,
      { at, fix: `Give a share to a kind of data that is there: ${there.join(', ')}.` },
    );
  }
}

function shares(mix: CategoryMix): readonly string[] {
  return Object.entries(mix).flatMap(([kind, share]) => (share > 0 ? [kind] : []));
}
