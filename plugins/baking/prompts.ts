import { Type } from '@sinclair/typebox';
import {
  defineBaking,
  type BakingExample,
  type BakingMethod,
  type BakingRow,
  type BakingShape,
} from '../../core/contracts/baking.js';
import { withDefault } from '../../core/contracts/options.js';
import { alignedRows, type AlignedPair, type AlignedRow } from '../../nn/data/index.js';
import { BAKING_DIVERGENCE, bakePrompt, bakePromptExtras } from '../../nn/objectives/index.js';
import { trainedProperties, trainedTensors } from './shared/adapters.js';
import { idsOf, padOf, type Encoder } from './shared/ids.js';

const Options = Type.Object(
  {
    ...trainedProperties('adapters'),
    perExample: withDefault(
      Type.Integer({ minimum: 1, description: 'Continuations of an example that has no output.' }),
      8,
    ),
    maxTokens: withDefault(Type.Integer({ minimum: 1, description: 'Longest continuation.' }), 48),
    temperatures: withDefault(
      Type.Array(Type.Number({ minimum: 0 }), {
        minItems: 1,
        description: 'Temperatures that the continuations of an example take turns with.',
      }),
      [1, 1, 1, 1.5],
    ),
  },
  { additionalProperties: false },
);

/**
 * Prompt baking (Bhargava et al. 2024): the model without the prompt learns to predict what the frozen model predicts with
 * it, over the whole vocabulary, on texts that the prompted model wrote or that are given. One example per row.
 */
export const prompts = defineBaking({
  name: 'prompts',
  description:
    'Bakes a prompt: without it the model predicts what it predicts with it (Bhargava et al. 2024)',
  options: Options,
  create: ({ train, adapters, ...trajectories }): BakingMethod => ({
    teacher: 'prompted',
    metric: BAKING_DIVERGENCE,
    trajectories,
    // The divergence is of the last step's answer: nothing leads to a halting head.
    tensors: (model) => trainedTensors(model, { train, adapters }, ['halting']),
    extras: (shape) => bakePromptExtras(lengthsOf(shape)),
    rows: (examples, tokenizer, shape) => {
      const pairs = examples.map((example) => pairOf(example, tokenizer));
      const { rows, skipped } = alignedRows(pairs, { ...lengthsOf(shape), padId: padOf(tokenizer) });
      return { rows: rows.map(rowOf), skipped };
    },
    objective: () => bakePrompt(),
  }),
});

function lengthsOf({ length, promptLength }: BakingShape) {
  return { length, teacherLength: length + promptLength };
}

function pairOf(example: BakingExample, tokenizer: Encoder): AlignedPair {
  const { read, written, given } = idsOf(example, tokenizer);
  return {
    teacher: { before: read.teacher, output: written },
    student: { before: read.model, output: written },
    given,
  };
}

function rowOf({ ids, targets, segments, ...aligned }: AlignedRow): BakingRow {
  const { teacherIds, teacherSegments, teacherIndex } = aligned;
  return {
    ...{ ids, targets, segments },
    extras: { teacher_ids: teacherIds, teacher_segments: teacherSegments, teacher_index: teacherIndex },
  };
}
