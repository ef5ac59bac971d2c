import { defineBaking, type BakingExample, type BakingMethod, type Tokenizer } from 'agentforge';
import { data } from 'agentforge/nn';

type Encoder = Pick<Tokenizer, 'encode' | 'special'>;

/** Bakes worked traces into the gains of norms alone: a few numbers per layer, and no matrix is touched. */
export const normsAlone = defineBaking({
  name: 'norms-alone',
  description: 'Trains the gains of norms alone on worked traces',
  create: (): BakingMethod => ({
    teacher: null,
    metric: null,
    trajectories: null,
    tensors: (model) => ({
      added: [],
      trainable: model.filter(({ role }) => role === 'norm').map(({ name }) => name),
      initial: () => ({}),
      merge: (weights) => weights,
    }),
    rows: (examples, tokenizer, { length }) => {
      const documents = examples.map((example) => documentOf(example, tokenizer));
      return data.packWholeDocuments(documents, length, tokenizer.special.pad ?? 0);
    },
    objective: (usual) => usual,
  }),
});

/** What is read, and then what is written, which alone counts: not what a tool wrote of it. */
function documentOf(
  { input, trace, output, read, written, given = [] }: BakingExample,
  { encode, special }: Encoder,
): data.Document {
  const { bos, eos } = special;
  const before = read?.model ?? [...(bos === null ? [] : [bos]), ...encode(input)];
  const answer = written ?? [...encode(trace + output), ...(eos === null ? [] : [eos])];
  const ids = Int32Array.from([...before, ...answer]);
  const lossMask = new Uint8Array(ids.length).fill(1, before.length);
  for (const place of given) lossMask[before.length + place] = 0;
  return { ids, lossMask };
}

export default normsAlone;
