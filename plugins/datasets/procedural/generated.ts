import { Type, type Static, type TInteger, type TObject, type TProperties } from '@sinclair/typebox';
import {
  defineDataset,
  type DataCategory,
  type DataRecord,
  type DatasetContext,
} from '../../../core/contracts/dataset.js';
import { withDefault, type Defaulted } from '../../../core/contracts/options.js';
import type { PluginFactory } from '../../../core/contracts/plugin.js';
import { ForgeError } from '../../../core/errors/index.js';
import { contentHash } from '../../../nn/data/content-hash.js';
import { Draw, stream } from '../../../nn/random/index.js';

/** Duplicates in a row after which a generator has nothing new to say. */
const PATIENCE = 500;

export interface GeneratedDefinition<P extends TProperties> {
  readonly name: string;
  readonly description: string;
  readonly category: DataCategory;
  /** Records by default. */
  readonly count: number;
  readonly options: P;
  /** One record, from nothing but the draw and the options. */
  readonly make: (draw: Draw, options: Static<TObject<P>>) => DataRecord;
  readonly grade?: (record: DataRecord, answer: string) => boolean | null;
}

/**
 * Define a dataset that is generated: `count` different records, decided by the run's seed alone. Asking for more
 * records keeps the earlier ones. A generator that runs out of new records gives what there is, with a warning.
 */
export function defineGenerated<P extends TProperties>(
  definition: GeneratedDefinition<P>,
): PluginFactory<TObject<P & { count: Defaulted<TInteger> }>> {
  const count = withDefault(
    Type.Integer({ minimum: 1, description: 'Number of records.' }),
    definition.count,
  );
  const schema = Type.Object({ ...definition.options, count }, { additionalProperties: false });
  return defineDataset({
    name: definition.name,
    description: definition.description,
    options: schema as TObject<P & { count: Defaulted<TInteger> }>,
    create: (options) => ({
      category: definition.category,
      synthetic: true,
      // the compiler cannot see through the static type of a generic object schema
      load: (context) =>
        generate(definition, options as unknown as Static<TObject<P>> & { count: number }, context),
      ...(definition.grade === undefined ? {} : { grade: definition.grade }),
    }),
  });
}

async function generate<P extends TProperties>(
  definition: GeneratedDefinition<P>,
  options: Static<TObject<P>> & { readonly count: number },
  context: DatasetContext,
): Promise<readonly DataRecord[]> {
  const records: DataRecord[] = [];
  const seen = new Set<string>();
  let repeats = 0;
  for (let attempt = 0; records.length < options.count && repeats < PATIENCE; attempt++) {
    const draw = new Draw(stream(context.seed, 'dataset', definition.name, attempt));
    const record = definition.make(draw, options);
    const hash = contentHash(record.text);
    repeats = seen.has(hash) ? repeats + 1 : 0;
    if (repeats > 0) continue;
    seen.add(hash);
    records.push(record);
  }
  if (records.length === 0) throw new ForgeError('AF_DATA_EMPTY', `${definition.name} generated no records`);
  if (records.length < options.count) {
    context.log.warn(
      `${definition.name} has only ${records.length} different records, ${options.count} were asked for`,
    );
  }
  return records;
}
