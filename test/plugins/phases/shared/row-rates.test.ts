import type { Optimizer } from '../../../../core/contracts/optimizer.js';
import { openTrainer, type TrainerParts } from '../../../../plugins/phases/shared/training/trainer.js';
import type { ModelShape } from '../../../../plugins/phases/shared/model/shape.js';

const INIT = { kind: 'constant', value: 0 } as const;
const OWN = { rows: [3], learningRate: 1e-2 };

/** Tables of four ids, and a projection that has as many rows. */
const shape = {
  architecture: { vocabularySize: () => 4, attentions: () => [] },
  config: { architecture: 'test', hyperparameters: {} },
  tensors: [
    { name: 'table', shape: [4, 2], role: 'embedding', init: INIT },
    { name: 'head', shape: [4, 2], role: 'output-head', init: INIT },
    { name: 'up', shape: [4, 2], role: 'ffn-up', init: INIT },
  ],
} as unknown as ModelShape;

const open = (optimizer: Optimizer, parts: Pick<TrainerParts, 'rowRate' | 'trainable'>) =>
  openTrainer({ resolve: (() => optimizer) as never }, {
    engine: { createState: () => Promise.resolve({}) },
    ...{ shape, weights: {}, objective: () => undefined, optimizer: { use: 'test', options: {} } },
    training: { rows: 1, length: 8, accumulation: 1, clipNorm: 1, stages: [] },
    seed: 1,
    ...parts,
  } as unknown as TrainerParts);

const optimizer = (rate: number): Optimizer => ({
  learningRate: 1,
  learningRateOf: () => rate,
  state: () => ({}),
  update: () => ({ params: {}, state: {}, metrics: {} }),
});

describe('a learning rate of some rows', () => {
  it('leaves the optimizer as it is where nobody asks for one', async () => {
    const plain = optimizer(1e-3);
    expect((await open(plain, {})).options.model.optimizer).toBe(plain);
    expect((await open(plain, { rowRate: OWN })).options.model.optimizer).not.toBe(plain);
  });

  it.each([
    ['adapters alone are trained', 1e-3, ['up']],
    ['the tables have a rate of 0', 0, undefined],
  ] as const)('is refused where %s', async (_, rate, trainable) => {
    const parts = { rowRate: OWN, ...(trainable === undefined ? {} : { trainable }) };
    await expect(open(optimizer(rate), parts)).rejects.toMatchObject({
      code: 'AF_CONFIG_INVALID',
      at: 'markerLr',
    });
  });
});
