import { Type } from '@sinclair/typebox';
import {
  defineBaking,
  type BakingExample,
  type BakingMethod,
  type BakingShape,
} from '../../core/contracts/baking.js';
import { withDefault } from '../../core/contracts/options.js';
import { packWholeDocuments, type Document } from '../../nn/data/index.js';
import { keepBehaviour, keepBehaviourExtras, keptTokens } from '../../nn/objectives/index.js';
import { trainedProperties, trainedTensors } from './shared/adapters.js';
import { idsOf, padOf, type Encoder } from './shared/ids.js';

const Options = Type.Object(
  {
    ...trainedProperties('all'),
    keep: withDefault(
      Type.Number({
        minimum: 0,
        description:
          'Weight of going on as before on texts that are to be kept (divergence from the frozen model); 0 trains on them as on any other.',
      }),
      0,
    ),
  },
  { additionalProperties: false },
);

/**
 * Supervised baking: the model is trained to write trace and output after the input (phase 3, step 1). Several examples
 * share a row, each a document of its own and none cut.
 */
export const traces = defineBaking({
  name: 'traces',
  description: 'Trains on worked traces: cross-entropy on trace and output, the question masked',
  options: Options,
  create: ({ keep, ...options }): BakingMethod => ({
    teacher: keep > 0 ? 'plain' : null,
    metric: null,
    trajectories: null,
    tensors: (model) => trainedTensors(model, options),
    ...(keep > 0 ? { extras: ({ length }: BakingShape) => keepBehaviourExtras(length) } : {}),
    rows: (examples, tokenizer, { length }) => {
      const isKept = (i: number): boolean => keep > 0 && examples[i]!.kept === true;
      const documents = examples.map((example, i) => documentOf(example, tokenizer, isKept(i)));
      const packed = packWholeDocuments(documents, length, padOf(tokenizer));
      if (keep === 0) return packed;
      const extras = keptTokens(packed, isKept);
      return { rows: packed.rows.map((row, i) => ({ ...row, extras: extras[i]! })), skipped: packed.skipped };
    },
    objective: (usual) => (keep > 0 ? keepBehaviour(usual, keep) : usual),
  }),
});

/** @param kept nothing of it is learnt */
function documentOf(example: BakingExample, tokenizer: Encoder, kept: boolean): Document {
  const { read, written, given } = idsOf(example, tokenizer);
  const before = read.model.length;
  const ids = Int32Array.from([...read.model, ...written]);
  const lossMask = new Uint8Array(ids.length).fill(kept ? 0 : 1, before);
  for (const place of given) lossMask[before + place] = 0;
  return { ids, lossMask };
}
