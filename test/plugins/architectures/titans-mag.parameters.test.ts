import { ARCHITECTURE, type Architecture, type TensorRole } from '../../../core/contracts/architecture.js';
import { countParameters, isHiddenMatrix } from '../../../nn/models/index.js';
import { titansMag } from '../../../plugins/architectures/index.js';
import { implementationOf } from '../../../testing/index.js';
import { titansMagSettings } from '../../support/titans-mag.js';

let architecture: Architecture;
beforeAll(async () => {
  architecture = await implementationOf(ARCHITECTURE, titansMag());
});

const count = (overrides: Record<string, unknown> = {}) =>
  countParameters(architecture.describe(titansMagSettings(overrides)));

/** Tensors that belong to the recursion and the halting head, not to the backbone. */
const isAnswer = (name: string) => name.startsWith('recursion.') || name.startsWith('halting.');

describe('titans-mag parameter counts', () => {
  it('has 25,900,801 parameters in the reference configuration', () => {
    expect(count()).toBe(25_900_801);
  });

  it('has a backbone of 24,356,096 and 1,544,705 in recursion and halting', () => {
    const tensors = architecture.describe(titansMagSettings());
    expect(countParameters(tensors.filter(({ name }) => !isAnswer(name)))).toBe(24_356_096);
    expect(countParameters(tensors.filter(({ name }) => isAnswer(name)))).toBe(1_544_705);
  });

  it.each([
    [192, 576, 6_389_760, 15_474_688, 25_900_801],
    [192, 512, 6_389_760, 14_688_256, 25_114_369],
    [128, 768, 4_259_840, 17_833_984, 26_130_177],
    [256, 384, 8_519_680, 13_115_392, 25_671_425],
  ])('rank %i with ffn %i', (embeddingRank, ffn, embedding, layers, total) => {
    const tensors = architecture.describe(titansMagSettings({ embeddingRank, ffn }));
    const inLayers = tensors.filter(({ name }) => name.startsWith('layers.') && !name.includes('.memory.'));
    expect(countParameters(tensors.filter(({ name }) => name.startsWith('embedding.')))).toBe(embedding);
    expect(countParameters(inLayers)).toBe(layers);
    expect(countParameters(tensors)).toBe(total);
  });

  it('counts memory and gate as the table does', () => {
    const tensors = architecture.describe(titansMagSettings());
    const of = (...roles: TensorRole[]) =>
      countParameters(tensors.filter(({ role }) => roles.includes(role)));
    expect(of('memory-down', 'memory-up')).toBe(2_097_152);
    expect(of('gate', 'bias')).toBe(393_984);
    expect(of('halting')).toBe(513);
  });

  it('does not change with the specialisation, the number of steps or the memory capacity', () => {
    const special = {
      memoryCapacity: 8192,
      surprise: 0.5,
      novelty: 0.5,
      recursion: { steps: 6 },
    };
    expect(count(special)).toBe(25_900_801);
  });

  it('has a kernel of w taps per channel for queries, keys and values of each layer', () => {
    // 8 layers * 3 projections * 4 taps * 512 channels = 49,152
    expect(count({ shortConvolution: 4 })).toBe(25_900_801 + 49_152);
    const kernels = architecture
      .describe(titansMagSettings({ shortConvolution: 4 }))
      .filter(({ role }) => role === 'short-convolution');
    expect(kernels).toHaveLength(24);
    for (const kernel of kernels) expect(isHiddenMatrix(kernel)).toBe(false);
  });

  it('gives every tensor a unique name', () => {
    const names = architecture.describe(titansMagSettings()).map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
  });

  it.each([
    [{ heads: 7 }, 'dModel'],
    [{ recursion: { crossHeads: 3 } }, 'recursion.crossWidth'],
    [{ memoryCapacity: 2048, memoryGroups: 7 }, 'dMemory'],
  ])('refuses impossible shapes %j', (overrides, at) => {
    expect(() => count(overrides)).toThrow(expect.objectContaining({ code: 'AF_MODEL_CONFIG', at }));
  });
});
