import { ARCHITECTURE, type Architecture } from '../../../core/contracts/architecture.js';
import { COMPRESSOR } from '../../../core/contracts/compressor.js';
import type { Quantization } from '../../../core/contracts/quantization.js';
import type { Token } from '../../../core/contracts/token.js';
import { compressorsOf, modelArchitecture } from '../../../nn/quantization/index.js';
import { titansMag } from '../../../plugins/architectures/index.js';
import { ternary } from '../../../plugins/compressors/index.js';
import { completeHyperparameters, implementationOf, tinyTitansMag } from '../../../testing/index.js';

let base: Architecture;
let hyperparameters: Record<string, unknown>;
/** What was asked for. */
let asked: [string, string, unknown][];
let container: { resolve<T>(token: Token<T>, name: string, options?: unknown): T };
beforeAll(async () => {
  base = await implementationOf(ARCHITECTURE, titansMag());
  hyperparameters = await completeHyperparameters(base, tinyTitansMag());
  const compressor = await implementationOf(COMPRESSOR, ternary());
  container = {
    resolve: <T>({ id }: Token<T>, name: string, options?: unknown) => {
      asked.push([id, name, options]);
      return (id === ARCHITECTURE.id ? base : compressor) as T;
    },
  };
});
beforeEach(() => void (asked = []));

const quantization = (changes: Partial<Quantization> = {}): Quantization => ({
  ...{ weights: 'latent', activations: 'int8', norms: ['layers.0.ffn.down'], epsilon: 1e-5 },
  formats: { 'layers.0.ffn.down': { use: 'ternary', options: { granularity: 'row' } } },
  ...changes,
});

test('a model without quantization has the architecture of the plugin itself', () => {
  expect(modelArchitecture(container, { architecture: 'titans-mag', hyperparameters })).toBe(base);
  expect(asked).toEqual([['architecture', 'titans-mag', undefined]]);
});

test('one with it asks for each format with its options, and describes the gains too', () => {
  const config = { architecture: 'titans-mag', hyperparameters, quantization: quantization() };
  const architecture = modelArchitecture(container, config);
  expect(asked).toContainEqual(['compressor', 'ternary', { granularity: 'row' }]);
  const names = architecture.describe(hyperparameters).map(({ name }) => name);
  const plain = base.describe(hyperparameters).map(({ name }) => name);
  expect(names.filter((name) => !plain.includes(name))).toEqual(['layers.0.ffn.down.subln']);
  expect(architecture.contextLength(hyperparameters)).toBe(base.contextLength(hyperparameters));
  expect(architecture.decoder!.limit(hyperparameters)).toBe(base.decoder!.limit(hyperparameters));
});

test('it is no model that other programs would read as the plain one', () => {
  const interchange = {} as NonNullable<Architecture['interchange']>;
  const { decoder: _, ...rest } = base;
  const resolve = <T>({ id }: Token<T>): T => (id === ARCHITECTURE.id ? { ...rest, interchange } : {}) as T;
  const config = { architecture: 'a', hyperparameters, quantization: quantization() };
  const architecture = modelArchitecture({ resolve }, config);
  expect(architecture).not.toHaveProperty('interchange');
  expect(architecture).not.toHaveProperty('decoder');
});

test('a quantization of other tensors is refused when the model is described', () => {
  const formats = { 'layers.9.ffn.down': { use: 'ternary' } };
  const config = { architecture: 'a', hyperparameters, quantization: quantization({ formats }) };
  expect(() => modelArchitecture(container, config).describe(hyperparameters)).toThrow(
    expect.objectContaining({
      code: 'AF_MODEL_CONFIG',
      facts: { unknown: ['layers.9.ffn.down'], plain: [] },
    }) as Error,
  );
});

test('every tensor has the compressor of its format', () => {
  const formats = { a: { use: 'x' }, b: { use: 'y', options: { block: 4 } } };
  expect(Object.keys(compressorsOf(container, { formats }))).toEqual(['a', 'b']);
  expect(asked).toEqual([
    ['compressor', 'x', undefined],
    ['compressor', 'y', { block: 4 }],
  ]);
});
