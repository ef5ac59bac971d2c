import { ARCHITECTURE } from '../../../../core/contracts/architecture.js';
import type { Engine, Program } from '../../../../core/contracts/engine.js';
import { evaluationSet } from '../../../../nn/evaluation/index.js';
import { initializeWeights } from '../../../../nn/models/index.js';
import { llama } from '../../../../plugins/index.js';
import { agreementOf } from '../../../../plugins/phases/shared/quantized/agreement.js';
import type { BitnetRun } from '../../../../plugins/phases/bitnet/prepare.js';
import { speedOf, timedText } from '../../../../plugins/phases/bitnet/speed.js';
import type { LiveModel } from '../../../../plugins/phases/shared/model/open.js';
import { completeHyperparameters } from '../../../../testing/fixtures/tiny-model.js';
import { implementationOf } from '../../../../testing/index.js';
import { openTestEngine } from '../../../support/training.js';

const PAD = 0;

/** Texts of so many tokens each, their ids counting up from 1, in rows of 40. */
function textOf(...lengths: readonly number[]) {
  const documents = lengths.map((length) => ({
    ids: Int32Array.from({ length }, (_, i) => i + 1),
    lossMask: new Uint8Array(length).fill(1),
    answerStart: null,
  }));
  return evaluationSet(documents, { rows: 2, length: 40, padId: PAD });
}

/** A run on an engine, and how many states and programs of it are there. @param fails the run that fails */
function watched(engine: Engine, holdout: ReturnType<typeof textOf>, fails = Infinity) {
  const open = { states: 0, programs: 0, runs: 0 };
  const watching: Engine = {
    info: engine.info,
    compile: async (...asked) => {
      const program = await engine.compile(...asked);
      open.programs++;
      const run: Program['run'] = async (...given) => {
        if (++open.runs === fails) throw new Error('out of memory');
        return program.run(...given);
      };
      const dispose = async (): Promise<void> => {
        open.programs--;
        await program.dispose();
      };
      return { info: program.info, run, dispose };
    },
    createState: async (values) => {
      const state = await engine.createState(values);
      open.states++;
      const dispose = state.dispose.bind(state);
      state.dispose = () => {
        open.states--;
        return dispose();
      };
      return state;
    },
    dispose: () => engine.dispose(),
  };
  const ctx = { engine: () => Promise.resolve(watching) };
  return { run: { ctx, engine: watching, text: { holdout } } as unknown as BitnetRun, open };
}

describe('what is timed and compared', () => {
  let engine: Engine;
  let model: LiveModel;
  beforeAll(async () => {
    engine = await openTestEngine();
    const architecture = await implementationOf(ARCHITECTURE, llama());
    const hyperparameters = await completeHyperparameters(architecture, architecture.sizes!['tiny']!);
    const tensors = architecture.describe(hyperparameters);
    const config = { architecture: 'llama', hyperparameters };
    model = { architecture, config, tensors, weights: initializeWeights(tensors, 1) };
  });
  afterAll(() => engine.dispose());

  const ids = (from: number, to: number): number[] =>
    Array.from({ length: to - from + 1 }, (_, i) => from + i);

  it('is the fullest row, half of it at most 16 tokens before the timed ones', () => {
    const { start, rest } = timedText(textOf(36, 38))!;
    expect([[...start], [...rest]]).toEqual([ids(1, 16), ids(17, 32)]);
  });

  it('is no longer than the text, and nothing of what fills the row up', () => {
    const { start, rest } = timedText(textOf(19))!;
    expect([[...start], [...rest]]).toEqual([ids(1, 9), ids(10, 19)]);
  });

  it('is nothing where fewer than 8 tokens can be timed', () => {
    expect(timedText(textOf(15))!.rest).toHaveLength(8);
    expect(timedText(textOf(14))).toBeNull();
    expect(timedText(textOf())).toBeNull();
  });

  it('gives the time of each token that was read, and leaves nothing behind', async () => {
    const { run, open } = watched(engine, textOf(19));
    const speed = await speedOf(run, model, model);
    expect(speed).toMatchObject({ tokens: 10, ratio: speed!.float / speed!.packed });
    expect(open).toMatchObject({ states: 0, programs: 0 });
    expect(await speedOf(watched(engine, textOf(5)).run, model, model)).toBeNull();
    expect(await agreementOf(run, model, model)).toBe(1);
    expect(open).toMatchObject({ states: 0, programs: 0 });
  });

  it.each([1, 2, 3, 20])('leaves nothing behind where run %d of the timed ones fails', async (fails) => {
    const { run, open } = watched(engine, textOf(40), fails);
    await expect(speedOf(run, model, model)).rejects.toThrow('out of memory');
    expect(open).toEqual({ states: 0, programs: 0, runs: fails });
  });

  it.each([1, 2])('leaves nothing behind where pass %d of the compared ones fails', async (fails) => {
    const { run, open } = watched(engine, textOf(40), fails);
    await expect(agreementOf(run, model, model)).rejects.toThrow('out of memory');
    expect(open).toEqual({ states: 0, programs: 0, runs: fails });
  });
});
