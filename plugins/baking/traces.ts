import { Type } from '@sinclair/typebox';
import { defineBaking, type BakingExample, type BakingMethod } from '../../core/contracts/baking.js';
import { packWholeDocuments, type Document } from '../../nn/data/index.js';
import { trainedProperties, trainedTensors } from './shared/adapters.js';
import { idsOf, padOf, type Encoder } from './shared/ids.js';

const Options = Type.Object(trainedProperties('all'), { additionalProperties: false });

/**
 * Supervised baking: the model is trained to write trace and output after the input (phase 3, step 1). Several examples
 * share a row, each a document of its own and none cut.
 */
export const traces = defineBaking({
  name: 'traces',
  description: 'Trains on worked traces: cross-entropy on trace and output, the question masked',
  options: Options,
  create: (options): BakingMethod => ({
    needsTeacher: false,
    metric: null,
    trajectories: null,
    tensors: (model) => trainedTensors(model, options),
    rows: (examples, tokenizer, { length }) => {
      const documents = examples.map((example) => documentOf(example, tokenizer));
      const { rows, skipped } = packWholeDocuments(documents, length, padOf(tokenizer));
      return { rows, skipped };
    },
    objective: (usual) => usual,
  }),
});

function documentOf(example: BakingExample, tokenizer: Encoder): Document {
  const { start, input, written } = idsOf(example, tokenizer);
  const before = start.length + input.length;
  const ids = Int32Array.from([...start, ...input, ...written]);
  return { ids, lossMask: new Uint8Array(ids.length).fill(1, before) };
}
