import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { nGram } from '../../examples/third-party-architecture/n-gram.js';
import { normsAlone } from '../../examples/third-party-baking/norms-alone.js';
import { fourBits } from '../../examples/third-party-compressor/four-bits.js';
import { tabSeparated } from '../../examples/third-party-dataset/tab-separated.js';
import { looksAhead } from '../../examples/third-party-evaluator/looks-ahead.js';
import { compressedSize } from '../../examples/third-party-fitness/compressed-size.js';
import { towardsBest } from '../../examples/third-party-mutation/towards-best.js';
import { lion } from '../../examples/third-party-optimizer/lion.js';
import { characters } from '../../examples/third-party-tokenizer/characters.js';
import { units } from '../../examples/third-party-tool/units.js';
import {
  ARCHITECTURE,
  BAKING,
  COMPRESSOR,
  DATASET,
  EVALUATOR,
  FITNESS,
  MUTATION,
  OPTIMIZER,
  TOKENIZER,
  TOOL,
} from '../../core/contracts/index.js';
import { titansMag } from '../../plugins/index.js';
import {
  architectureConformance,
  bakingConformance,
  compressorConformance,
  datasetConformance,
  evaluatorConformance,
  fitnessConformance,
  implementationOf,
  mutationConformance,
  optimizerConformance,
  silentLogger,
  tinyChampion,
  tokenizerConformance,
  toolConformance,
  withTemporaryFolder,
} from '../../testing/index.js';
import { testConformance } from '../support/conformance.js';

describe('the example architecture conforms', () => {
  const hyperparameters = { vocabularySize: 48, contextLength: 32, order: 3, width: 8 };
  testConformance(
    architectureConformance(() => implementationOf(ARCHITECTURE, nGram()), { hyperparameters }),
  );
});

describe('the example baking method conforms', () => {
  testConformance(bakingConformance(() => implementationOf(BAKING, normsAlone())));
});

describe('the example compressor conforms', () => {
  testConformance(compressorConformance(() => implementationOf(COMPRESSOR, fourBits())));

  test('it takes five bits per weight', async () => {
    const { compress } = await implementationOf(COMPRESSOR, fourBits());
    const { bytes } = compress({ shape: [64, 32], dtype: 'float32', data: new Float32Array(2048).fill(1) });
    expect((8 * bytes.length) / 2048).toBe(5);
  });
});

describe('the example dataset', () => {
  const load = async (root: string | null) => {
    const dataset = await implementationOf(DATASET, tabSeparated());
    return { dataset, records: await dataset.load({ root, cache: '', seed: 1, log: silentLogger }) };
  };
  const withFile = (content: string, use: (root: string) => Promise<void>): Promise<void> =>
    withTemporaryFolder(async (root) => {
      await writeFile(join(root, 'questions.tsv'), content);
      await use(root);
    });

  test('conforms', () =>
    withFile('What is wet?\twater\n\nWhat is hot?\tfire\r\n', async (root) => {
      const suite = datasetConformance(() => implementationOf(DATASET, tabSeparated()), {
        root,
        needsFiles: true,
      });
      for (const { run } of suite) await run();
      const { dataset, records } = await load(root);
      expect(records.map(({ output }) => output)).toEqual([' water', ' fire']);
      expect(dataset.grade!(records[0]!, 'Water ')).toBe(true);
      expect(dataset.grade!(records[0]!, 'milk')).toBe(false);
    }));

  test('names the line that is none, and the folder that is not set', async () => {
    await withFile('a\tb\nno tab here\n', async (root) => {
      await expect(load(root)).rejects.toMatchObject({
        code: 'AF_DATA_MALFORMED',
        at: join(root, 'questions.tsv:2'),
      });
    });
    await expect(load(null)).rejects.toMatchObject({ code: 'AF_DATA_NOT_FOUND' });
  });
});

describe('the example evaluator conforms', () => {
  testConformance(evaluatorConformance(() => implementationOf(EVALUATOR, looksAhead(), [titansMag()])));
});

describe('the example fitness term conforms', () => {
  testConformance(fitnessConformance(() => implementationOf(FITNESS, compressedSize())));

  test('weights of few values are smaller than those of many', async () => {
    const term = await implementationOf(FITNESS, compressedSize());
    const { weights } = await tinyChampion();
    const signs = Object.fromEntries(
      Object.entries(weights).map(([name, tensor]) => [
        name,
        { ...tensor, data: Float32Array.from(tensor.data, Math.sign) },
      ]),
    );
    const measure = (own: typeof weights) => term.measure!({ weights: own } as never);
    expect((await measure(signs))!).toBeLessThan((await measure(weights))! / 2);
  });
});

describe('the example mutation conforms', () => {
  testConformance(mutationConformance(() => implementationOf(MUTATION, towardsBest())));

  test('it goes a share of the way, twice as far at twice the strength', async () => {
    const mutation = await implementationOf(MUTATION, towardsBest({ share: 0.25 }));
    const tensor = (value: number) => ({
      w: { shape: [1], dtype: 'float32' as const, data: Float32Array.of(value) },
    });
    const recipe = { operation: 'towards-best', sources: ['a', 'b'], parameters: { share: 0.25 }, seed: 0 };
    expect(mutation.apply!(recipe, [tensor(0), tensor(8)])['w']!.data[0]).toBe(2);
    const input = { id: 'b', parents: ['b'], available: () => true, strength: 1, seed: 0 };
    expect(mutation.propose(input as never)).toBeNull();
    const other = mutation.propose({ ...input, id: 'a', strength: 2 } as never);
    expect(other!.parameters).toEqual({ share: 0.5 });
  });
});

describe('the example optimizer conforms', () => {
  testConformance(
    optimizerConformance(() => implementationOf(OPTIMIZER, lion({ learningRate: 0.01 })), { steps: 40 }),
  );
});

describe('the example tokenizer conforms', () => {
  testConformance(
    tokenizerConformance(() => implementationOf(TOKENIZER, characters()), {
      lossless: false,
      compresses: false,
    }),
  );

  test('the rarest characters become unknown when there is no room', async () => {
    const kind = await implementationOf(TOKENIZER, characters());
    const { encode, special } = await kind.train(['aab'], { vocabularySize: 5 });
    expect(encode('ab')).toEqual([4, special.unk]);
  });
});

describe('the example tool conforms', () => {
  testConformance(toolConformance(() => implementationOf(TOOL, units())));

  test.each([
    ['250 cm in m', '2.5'],
    ['3 km in mm', '3000000'],
    ['10 cm in x', 'not-found'],
    ['ten cm in m', 'syntax'],
  ])('%s: %s', async (args, expected) => {
    const tool = await implementationOf(TOOL, units());
    const outcome = tool.run(args, { steps: 1, characters: 40, cells: 1 });
    expect(outcome.ok ? outcome.text : outcome.failure).toBe(expected);
  });
});
