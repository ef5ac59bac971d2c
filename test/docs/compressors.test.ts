import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import * as agentforge from 'agentforge';
import * as nn from 'agentforge/nn';
import type { Plugin } from '../../core/contracts/plugin.js';
import { BUILTIN_PLUGINS } from '../../plugins/catalogue.js';
import * as plugins from '../../plugins/index.js';
import { compressorConformance } from '../../testing/index.js';
import { compressorOf, relativeSquaredError, roundTrip, weights } from '../plugins/compressors/support.js';
import { testConformance } from '../support/conformance.js';
import { useCpuBackend } from '../support/engines.js';
import { runSnippet, snippetsOf, type Snippet } from '../support/snippets.js';

const DOCUMENT = join('docs', 'compressors.md');
const text = readFileSync(DOCUMENT, 'utf8');

/** Rows of the table: what is compressed with, bits per weight, errors. */
const ROWS = [
  ...text.matchAll(/^\| `([\w]+)`(?: with `(\w+): '(\w+)'`)? \| ([\d.]+) \| (\S+) \| (\S+) \|$/gm),
].map(([, name, option, value, ...numbers]) => ({
  name: name!,
  options: option === undefined ? {} : { [option]: value },
  told: numbers.map(Number),
}));

const snippetOf = (name: string): Snippet => snippetsOf(DOCUMENT).find(({ file }) => file === name)!;

useCpuBackend();

describe.each(ROWS)('$name $options', ({ name, options, told: [bits, normal, laplace] }) => {
  test('takes the bits and makes the errors that are told', async () => {
    const factory = (await BUILTIN_PLUGINS.find((each) => each.name === name)!.load()) as unknown as (
      chosen: object,
    ) => Plugin;
    const compressor = await compressorOf(factory(options));
    const measured = (['normal', 'laplace'] as const).map((distribution) => {
      const given = weights([512, 512], distribution);
      return relativeSquaredError(roundTrip(compressor, given), given);
    });
    expect(((8 * compressor.bytes!([512, 512])) / 512 ** 2).toFixed(4)).toBe(bits!.toFixed(4));
    // Three digits are told.
    measured.forEach((error, i) => {
      const expected = [normal!, laplace!][i]!;
      expect(Math.abs(error - expected)).toBeLessThanOrEqual(0.006 * expected);
    });
  });
});

test('the table has every built-in compressor', () => {
  const builtin = BUILTIN_PLUGINS.filter(({ point }) => point === 'compressor').map(({ name }) => name);
  expect([...new Set(ROWS.map(({ name }) => name))].sort()).toEqual(builtin.sort());
});

test('the setting of formats names compressors and options that there are', async () => {
  const { quantization } = runSnippet(snippetOf('quantization.ts'), { agentforge });
  const { formats } = quantization as agentforge.Quantization;
  expect(Object.keys(formats)).not.toHaveLength(0);
  for (const { use, options = {} } of Object.values(formats)) {
    const factory = plugins[use as 'ternary'] as (chosen: object) => Plugin;
    await expect(compressorOf(factory(options))).resolves.toBeDefined();
  }
});

describe('the compressor of the document', () => {
  const load = (): Plugin => {
    const modules = { '@tensorflow/tfjs': tf, agentforge, 'agentforge/nn': nn };
    const { signs } = runSnippet(snippetOf('signs.ts'), modules);
    return (signs as () => Plugin)();
  };
  testConformance(compressorConformance(() => compressorOf(load())));

  test('trains with what its bytes hold', async () => {
    const compressor = await compressorOf(load());
    const given = weights([16, 32]);
    const weight = tf.tensor2d(Float32Array.from(given.data), [16, 32]);
    const found = await compressor.straightThrough!(weight).data();
    roundTrip(compressor, given).data.forEach((value, i) => {
      expect(found[i]).toBeCloseTo(value, 7);
    });
    expect(compressor.compress(given).bytes).toHaveLength(compressor.bytes!([16, 32]));
    weight.dispose();
  });
});
