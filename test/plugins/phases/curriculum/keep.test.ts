import type { CurriculumRun } from '../../../../plugins/phases/curriculum/prepare.js';
import { referenceDocument } from '../../../../plugins/phases/shared/tasks/prompts.js';
import type { StretchDocument } from '../../../../plugins/phases/curriculum/stretch.js';
import { Forge } from '../../../../plugins/phases/curriculum/training.js';
import { KEPT_DIVERGENCE, keptTokens } from '../../../../nn/objectives/index.js';
import { packWholeDocuments } from '../../../../nn/data/index.js';
import { bakingBatches } from '../../../../plugins/phases/shared/baking/rows.js';
import { TINY_FORGE } from '../../../support/tiny-curriculum.js';
import { withRun } from './support.js';

/** Tasks to learn, and others of which what was said is to be said still. */
function documentsOf(run: CurriculumRun, name: string, kept: boolean): StretchDocument[] {
  const items = run.book.questions({ difficulty: [1, 30], side: 'train', count: 16 }, name);
  return items
    .map((item) => referenceDocument(run.language, { item, manuals: [], hint: null }, 'direct'))
    .filter(({ ids }) => ids.length <= TINY_FORGE.length)
    .map((document) => ({ ...document, kept }));
}

const OPTIONS = (keep: number) => ({
  data: { keep },
  forge: { steps: 6, training: TINY_FORGE, optimizer: { use: 'adamw', options: { learningRate: 0.02 } } },
});

/** Divergence from the model that came in on kept documents, before a few updates and after them. */
const divergences = (keep: number): Promise<readonly [number, number]> =>
  withRun(OPTIONS(keep), async (run) => {
    const [learnt, kept] = [documentsOf(run, 'learnt', false), documentsOf(run, 'kept', true)];
    const packed = packWholeDocuments(kept, TINY_FORGE.length, 0);
    const extras = keptTokens(packed, () => true);
    const rows = packed.rows.map((row, i) => ({ ...row, extras: extras[i]! }));
    const batches = bakingBatches(
      { rows, extras: { kept: { shape: [TINY_FORGE.length], dtype: 'float32' } } },
      2,
    );
    const forge = await Forge.open(run);
    const divergence = async (): Promise<number> =>
      (await forge.trainer.evaluate('param', batches)).metrics[KEPT_DIVERGENCE]!;
    const before = await divergence();
    const documents = [...learnt, ...kept.map((one) => ({ ...one, lossMask: one.lossMask.map(() => 0) }))];
    await forge.train({
      ...{ name: 'kept', documents, steps: 6 },
      rate: [1, 1],
      shapes: 'first',
      fraction: () => 0,
    });
    const after = await divergence();
    await forge.dispose();
    return [before, after];
  });

test('the model that came in is the reference as it runs, and is kept to where it is asked for', async () => {
  const [little, much] = [await divergences(0.001), await divergences(20)];
  expect(little[0]).toBeCloseTo(0, 6);
  expect(much[0]).toBeCloseTo(0, 6);
  expect(little[1]).toBeGreaterThan(0.001);
  expect(much[1]).toBeLessThan(little[1] / 2);
});
