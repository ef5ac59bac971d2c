import { ENGINE } from '../../../../core/contracts/engine.js';
import { Generator } from '../../../../nn/generation/index.js';
import { stream } from '../../../../nn/random/index.js';
import { onnxruntime, tfjs } from '../../../../plugins/index.js';
import { implementationOf } from '../../../../testing/index.js';
import { LLAMA_CASES, shared } from './cases.js';

const ENGINES = {
  onnxruntime: () => implementationOf(ENGINE, onnxruntime()),
  'tfjs cpu': () => implementationOf(ENGINE, tfjs({ backend: 'cpu' })),
};
/** Ids of the prompt; the oracles continue the first row of their input. */
const PROMPT = 8;
/** The id that ends a text in all of the checkpoints. */
const END = 2;

const cases = LLAMA_CASES.filter(({ name }) => name !== 'mergekit/a').flatMap((each) =>
  Object.entries(ENGINES).map(([engine, open]) => ({ ...each, engine, open })),
);

shared.describe('llama writes what transformers writes', () => {
  test.each(cases)('$name on $engine', async ({ read, open }) => {
    const { architecture, config, weights, expected } = await read();
    const all = Array.from(expected['greedy']!.data);
    const prompt = Array.from(expected['input_ids']!.data.subarray(0, PROMPT));
    expect(all.slice(0, PROMPT)).toEqual(prompt);
    const engine = await (await open()).open();
    try {
      const generator = await Generator.create({ engine, architecture, config, weights });
      const written: number[] = [];
      const options = { temperature: 0, topK: null, topP: null, maxTokens: 16, stop: END };
      for await (const { id } of generator.generate(prompt, options, stream(0, 'greedy'))) written.push(id);
      await generator.dispose();
      const continuation = all.slice(PROMPT);
      const end = continuation.indexOf(END);
      expect(written).toEqual(end < 0 ? continuation : continuation.slice(0, end));
    } finally {
      await engine.dispose();
    }
  });
});
