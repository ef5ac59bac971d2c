import type { Engine, Program } from '../../../../core/contracts/engine.js';
import { statisticsOf } from '../../../../plugins/phases/quietstar/text.js';
import type { LiveModel } from '../../../../plugins/phases/shared/model/open.js';

test('a program is let go of where there is no memory for the weights', async () => {
  let disposed = 0;
  const dispose = (): Promise<void> => {
    disposed++;
    return Promise.resolve();
  };
  const program = { dispose } as unknown as Program;
  const engine = {
    compile: () => Promise.resolve(program),
    createState: () => Promise.reject(new Error('no memory')),
  } as unknown as Engine;
  const model = {
    architecture: { vocabularySize: () => 4 },
    config: { architecture: 'test', hyperparameters: {} },
    weights: {},
  } as unknown as LiveModel;
  await expect(statisticsOf(engine, model, [], { base: 4, length: 2, rows: 1 })).rejects.toThrow('no memory');
  expect(disposed).toBe(1);
});
