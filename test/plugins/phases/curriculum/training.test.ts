import type { TensorDict } from '../../../../core/contracts/tensor.js';
import { weightsHash } from '../../../../nn/models/index.js';
import { referenceDocument } from '../../../../plugins/phases/shared/tasks/prompts.js';
import type { Stretch } from '../../../../plugins/phases/curriculum/stretch.js';
import { Forge } from '../../../../plugins/phases/curriculum/training.js';
import { TINY_FORGE } from '../../../support/tiny-curriculum.js';
import { withRun } from './support.js';

const data = (weights: TensorDict): string => weightsHash(weights);

/** A model that learns so fast that its last update is worse than one before it. */
const FAST = {
  forge: {
    ...{ steps: 4, watchEvery: 2, training: { ...TINY_FORGE, evaluateEvery: 1 } },
    optimizer: { use: 'adamw', options: { learningRate: 0.3 } },
  },
};

test('a finished stretch is returned to with the weights that it ended with', () =>
  withRun(FAST, async (run) => {
    const items = run.book.questions({ difficulty: [1, 30], side: 'train', count: 30 }, 'stretch');
    const documents = items
      .map((item) => referenceDocument(run.language, { item, manuals: [], hint: null }, 'direct'))
      .filter(({ ids }) => ids.length <= TINY_FORGE.length);
    const stretch = (name: string): Stretch => ({
      ...{ name, documents, steps: 3, rate: [1, 1] as const, shapes: 'first' as const, fraction: () => 0 },
    });
    const forge = await Forge.open(run);
    const first = await forge.train(stretch('first'));
    const after = data(await forge.trainer.weights('ema'));
    const ended = weightsHash((await forge.applied()).weights);
    await forge.train(stretch('second'));
    expect(data(await forge.trainer.weights('ema'))).not.toBe(after);
    await forge.goTo(first.ended!);
    expect(forge.step).toBe(3);
    expect(data(await forge.trainer.weights('ema'))).toBe(after);
    expect(weightsHash((await forge.applied()).weights)).toBe(ended);
    await forge.dispose();
  }));
