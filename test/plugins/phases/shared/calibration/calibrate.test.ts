import { ARCHITECTURE } from '../../../../../core/contracts/architecture.js';
import { DATASET } from '../../../../../core/contracts/dataset.js';
import type { Engine } from '../../../../../core/contracts/engine.js';
import type { PhaseContext } from '../../../../../core/contracts/phase.js';
import { titansMag } from '../../../../../plugins/index.js';
import { calibrate, calibrationRows, openSplit } from '../../../../../plugins/phases/shared/index.js';
import { implementationOf, tinyChampion, tinyDataset } from '../../../../../testing/index.js';
import { openTestEngine } from '../../../../support/training.js';

let engine: Engine;
beforeAll(async () => {
  engine = await openTestEngine();
});
afterAll(() => engine.dispose());

/** The tiny champion with the data it was trained on, and a context that remembers what it was told. */
async function setting() {
  const { ref, weights, tokenizer, handoff, store } = await tinyChampion();
  const architecture = await implementationOf(ARCHITECTURE, titansMag());
  const dataset = await implementationOf(DATASET, tinyDataset());
  const told: { task: string; done: number; total: number | null; fraction: number | undefined }[] = [];
  let pauses = 0;
  const ctx = {
    ...{ seed: 1, store, data: { root: null, cache: '' }, log: {} },
    names: () => ['tiny'],
    resolve: () => dataset,
    engine: () => Promise.resolve(engine),
    progress: ({ task, done, total, phaseFraction }: Parameters<PhaseContext['progress']>[0]) =>
      void told.push({ task, done, total, fraction: phaseFraction }),
    pausePoint: () => {
      pauses++;
      return Promise.resolve();
    },
  } as unknown as PhaseContext;
  const split = await openSplit(ctx, handoff);
  told.length = 0;
  const shares = Object.fromEntries(split.sets.map(({ name }) => [name, 1]));
  const rows = calibrationRows(split, tokenizer, {
    ...{ shares, samples: 6, length: 32, seed: 1, at: 'phases.bitnet.calibration' },
  });
  const model = { architecture, config: ref.config, weights };
  return { ctx, model, rows, told, pauses: () => pauses };
}

test('the tiny model of the kit: statistics of all its matrices, in passes that can be paused between', async () => {
  const { ctx, model, rows, told, pauses } = await setting();
  expect(rows.rows).toHaveLength(6);
  const { statistics, seconds } = await calibrate(ctx, model, rows, {
    rows: 4,
    hessian: ['layers.0.ffn.down'],
    fraction: (done) => done / 2,
  });
  expect(seconds).toBeGreaterThan(0);
  expect(statistics.unmeasured).toEqual({});
  const { hessian, power, tokens } = statistics.matrices['layers.0.ffn.down']!;
  expect(hessian).toHaveLength(power.length ** 2);
  expect(tokens).toBe(statistics.tokens);
  const padding = rows.rows.reduce((sum, { ids }) => sum + ids.filter((id) => id === rows.padId).length, 0);
  expect(statistics.tokens).toBe(6 * 32 - padding);
  expect(told).toEqual(
    [0, 1, 2].map((done) => ({ task: 'calibration', done, total: 2, fraction: done / 4 })),
  );
  expect(pauses()).toBe(3);
});

test('how many rows a pass reads does not matter, and the same rows give the same bits', async () => {
  const { ctx, model, rows } = await setting();
  const [one, again, several] = [
    await calibrate(ctx, model, rows),
    await calibrate(ctx, model, rows),
    await calibrate(ctx, model, rows, { rows: 4 }),
  ];
  expect(again.statistics).toEqual(one.statistics);
  expect(several.statistics.tokens).toBe(one.statistics.tokens);
  for (const [name, { rms, gain }] of Object.entries(one.statistics.matrices)) {
    const other = several.statistics.matrices[name]!;
    expect(Math.abs(other.rms / rms - 1)).toBeLessThan(1e-5);
    expect(Math.abs(other.gain / gain - 1)).toBeLessThan(1e-5);
  }
});

test('a pause leaves at once, and the weights on the engine go with it', async () => {
  const { ctx, model, rows } = await setting();
  const disposed: string[] = [];
  const watched: Engine = {
    ...engine,
    info: engine.info,
    dispose: () => engine.dispose(),
    compile: async (fn, spec) => {
      const program = await engine.compile(fn, spec);
      return {
        info: program.info,
        run: (inputs, options) => program.run(inputs, options),
        dispose: () => (disposed.push('program'), program.dispose()),
      };
    },
    createState: async (values) => {
      const state = await engine.createState(values);
      const original = state.dispose.bind(state);
      state.dispose = () => (disposed.push('state'), original());
      return state;
    },
  };
  let points = 0;
  const pausing = {
    ...ctx,
    engine: () => Promise.resolve(watched),
    pausePoint: () => (++points === 2 ? Promise.reject(new Error('paused')) : Promise.resolve()),
  };
  await expect(calibrate(pausing, model, rows, { rows: 2 })).rejects.toThrow('paused');
  expect(disposed).toEqual(['program', 'state']);
});
