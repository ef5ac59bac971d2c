import { DATASET, type Dataset, type DataRecord } from '../../../../core/contracts/dataset.js';
import type { Handoff } from '../../../../core/contracts/handoff.js';
import type { PhaseContext } from '../../../../core/contracts/phase.js';
import { fixSplit, openSplit, type SplitData } from '../../../../plugins/phases/shared/data/split.js';
import { handOn } from '../../../../plugins/phases/shared/model/hand-on.js';
import { memoryStore } from '../../../../testing/index.js';

const text = (content: string): DataRecord => ({ text: content });

/** Datasets whose records depend on the seed, as generators' do. */
function context(seed: number, names = ['a', 'b'], store = memoryStore()): PhaseContext {
  const dataset = (name: string): Dataset => ({
    category: 'language',
    synthetic: true,
    load: async (ctx) => Array.from({ length: 60 }, (_, i) => text(`${name} ${ctx.seed} number ${i}`)),
  });
  return {
    ...{ seed, store, phase: 'test', data: { root: null, cache: '' }, log: {} },
    names: (token: unknown) => (token === DATASET ? names : []),
    resolve: (_token: unknown, name: string) => dataset(name),
    progress: () => undefined,
  } as unknown as PhaseContext;
}

const sides = ({ sets, locked }: SplitData) => ({
  locked: [...locked].sort(),
  sets: sets.map(({ name, train, heldout, heldoutKeys }) => ({ name, train, heldout, heldoutKeys })),
});

async function handoffFrom(
  ctx: PhaseContext,
): Promise<{ readonly split: SplitData; readonly handoff: Handoff }> {
  const split = await fixSplit(ctx, ['a', 'b'], { holdout: 0.2, answerOnly: true });
  const handoff = handOn(ctx, { schema: 'x:handoff/y@1', models: [], data: split, facts: {} });
  return { split, handoff };
}

test('a later phase finds the same sides and locked items, whatever its own seed', async () => {
  const first = context(7);
  const { split, handoff } = await handoffFrom(first);
  const later = await openSplit(context(8, ['a', 'b'], first.store as never), handoff);
  expect(sides(later)).toEqual(sides(split));
  expect(split.locked.size).toBeGreaterThan(0);
  expect(later.warnings).toEqual([]);
  expect(later.facts.datasets.map(({ records }) => records)).toEqual(
    split.sets.map(({ train, heldout }) => ({
      train: train.length,
      held_out: heldout.length,
      duplicates: 0,
    })),
  );
});

test('one of the datasets alone has the sides it had among the others', async () => {
  const first = context(7);
  const { split, handoff } = await handoffFrom(first);
  const { sets } = await openSplit(first, handoff, ['b']);
  expect(sets.map(({ name, heldout }) => [name, heldout])).toEqual([['b', split.sets[1]!.heldout]]);
});

test('a dataset that is new is split too, and some of it is locked', async () => {
  const first = context(7, ['a', 'b', 'c']);
  const { split, handoff } = await handoffFrom(first);
  const { sets, locked } = await openSplit(first, handoff, ['a', 'c']);
  expect(sets[0]!.heldout).toEqual(split.sets[0]!.heldout);
  expect(sets[1]!.heldout.length).toBeGreaterThan(1);
  expect(sets[1]!.heldoutKeys.filter((key) => locked.has(key)).length).toBeGreaterThan(0);
});

test('data that changed is told', async () => {
  const first = context(7);
  const { handoff } = await handoffFrom(first);
  const data = {
    ...handoff.data!,
    datasets: handoff.data!.datasets.map((set) => ({ ...set, fingerprint: 'other' })),
  };
  const { warnings } = await openSplit(first, { ...handoff, data });
  expect(warnings).toEqual(
    ['a', 'b'].map((name) => expect.stringMatching(`^${name} is not what the models`)),
  );
});

test('a handoff that does not say what was held out is refused, not guessed', async () => {
  const first = context(7);
  const { handoff } = await handoffFrom(first);
  for (const broken of [
    { ...handoff, data: null },
    { ...handoff, artifacts: {} },
  ])
    await expect(openSplit(first, broken)).rejects.toMatchObject({ code: 'AF_HANDOFF_INVALID' });
});
