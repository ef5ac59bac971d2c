import type { OptionsInput } from '../../../../../core/contracts/options.js';
import {
  compareOptimizers,
  type Compared,
  type Comparison,
} from '../../../../../plugins/phases/curriculum/comparison/compare.js';
import type { ComparisonOptions } from '../../../../../plugins/phases/curriculum/comparison/options.js';
import { forgeDocuments } from '../../../../../plugins/phases/curriculum/forge.js';
import type { CurriculumRun } from '../../../../../plugins/phases/curriculum/prepare.js';
import { Forge } from '../../../../../plugins/phases/curriculum/training.js';
import { TINY_FORGE } from '../../../../support/tiny-curriculum.js';
import { withRun } from '../support.js';

const STEPS = 4;
const ADAMW = { use: 'adamw', options: { learningRate: 0.02 } };

/** Two stages, so that there is more than one program to compile. */
const FORGE = {
  ...{ steps: STEPS, watchEvery: 2, optimizer: ADAMW },
  training: { ...TINY_FORGE, stages: [{ until: 0.5, steps: 1 }] },
};

type Input = Partial<OptionsInput<typeof ComparisonOptions>>;

const options = (comparison: Input) => ({
  forge: FORGE,
  // Their held-out tasks fit rows of 32 tokens.
  tasks: { generators: ['bracket-tasks'] },
  comparison: { steps: STEPS, evaluateEvery: 2, tasks: 100, ...comparison },
});

const stretchOf = (run: CurriculumRun): Compared['stretch'] => ({
  ...{ name: 'forge', shapes: 'staged', rate: [1, 0.3], documents: forgeDocuments(run, 1) },
});

const compared = (run: CurriculumRun, stretch: Compared['stretch']): Promise<Comparison> =>
  compareOptimizers(run, run.options.comparison!, { stretch, baseline: 1, fraction: (done) => done });

/** What a run of it found, beside main training itself. */
interface Found {
  readonly first: Comparison;
  readonly again: Comparison;
  /** Loss of held-out text by main training, which nothing was compared for: before it and after it. */
  readonly main: readonly [before: number, after: number];
}

describe('a comparison', () => {
  let found: Found;
  beforeAll(async () => {
    const arms = {
      own: {},
      other: { options: { learningRate: 0.001 } },
      wild: { options: { learningRate: 1e30 } },
    };
    found = await withRun(options({ arms, baseline: 'own', subject: 'other' }), async (run) => {
      const stretch = stretchOf(run);
      const first = await compared(run, stretch);
      // Whoever trains nothing needs neither tasks nor an engine.
      const again = await compared({ ...run, book: null as never, engine: null as never }, stretch);
      const main = await Forge.open(run);
      const evaluate = async (): Promise<number> =>
        (await main.trainer.evaluate('ema', run.text.selection.batches)).crossEntropy;
      const before = await evaluate();
      await main.train({ ...stretch, steps: STEPS, fraction: () => 0 });
      const after = await evaluate();
      await main.dispose();
      return { first, again, main: [before, after] };
    });
  });
  const pointsOf = (arm: string) => found.first.arms.find(({ name }) => name === arm)!.points;

  it('trains every arm from the model that came in as main training would', () => {
    const own = pointsOf('own');
    expect(own.map(({ step }) => step)).toEqual([0, 2, 4]);
    expect([own[0]!.text, own.at(-1)!.text]).toEqual(found.main);
    expect(pointsOf('other')[0]).toEqual(own[0]);
    expect(pointsOf('other').at(-1)!.loss).not.toBe(own.at(-1)!.loss);
  });

  it('evaluates text and tasks, and counts seconds of updates', () => {
    for (const { points, millisecondsPerUpdate } of found.first.arms) {
      // An arm that ended at its first evaluation has made updates, of which no point tells.
      expect(millisecondsPerUpdate).toBeGreaterThan(0);
      for (const { loss, text, tasks } of points) expect(loss).toBe((text + tasks) / 2);
      const seconds = points.map((point) => point.seconds);
      expect(seconds[0]).toBe(0);
      expect(seconds).toEqual([...new Set(seconds)].sort((a, b) => a - b));
    }
  });

  it('ends an arm that diverges where it was', () => {
    expect(found.first.arms.map(({ diverged }) => diverged)).toEqual([false, false, true]);
    expect(pointsOf('wild')).toEqual(pointsOf('own').slice(0, 1));
  });

  it('is kept: it is not made again', () => {
    expect(found.again).toEqual(found.first);
  });
});

test('rows that no document fits are told', () =>
  withRun(options({ arms: { a: {}, b: {} } }), async (run) => {
    const nothing = compared(run, { ...stretchOf(run), documents: [] });
    await expect(nothing).rejects.toMatchObject({
      code: 'AF_DATA_EMPTY',
      at: 'phases.curriculum.comparison',
    });
  }));
