import type { TensorDict } from '../../../../core/contracts/tensor.js';
import { weightsHash } from '../../../../nn/models/index.js';
import { curriculum } from '../../../../plugins/index.js';
import type { CurriculumRun } from '../../../../plugins/phases/curriculum/prepare.js';
import { referenceDocument } from '../../../../plugins/phases/shared/tasks/prompts.js';
import { prepare } from '../../../../plugins/phases/curriculum/prepare.js';
import { Forge } from '../../../../plugins/phases/curriculum/training.js';
import { handoffPhase } from '../../../../testing/index.js';
import { TINY_FORGE, tinyCurriculum } from '../../../support/tiny-curriculum.js';
import { benchOf } from '../bitnet/support.js';
import { completeOptions, withRun, withTernary, type Options } from './support.js';

const forgeOptions = (selfModel?: { weight: number; layer?: number | null }) => ({
  ...{ steps: 12, watchEvery: 4, training: { ...TINY_FORGE, emaDecay: 0.5, checkpointEvery: 100 } },
  optimizer: { use: 'adamw', options: { learningRate: 0.01 } },
  ...(selfModel === undefined ? {} : { selfModel }),
});

/** What a few updates made, and what the self-model said of it before and after. */
interface Trained {
  readonly weights: string;
  readonly model: readonly string[];
  readonly state: TensorDict;
  readonly trained: readonly string[];
  readonly errors: readonly (number | null)[];
}

function trainedWith(forge: Options['forge']): Promise<Trained> {
  return withRun({ forge: forge! }, async (run: CurriculumRun) => {
    const items = run.book.questions({ difficulty: [1, 30], side: 'train', count: 30 }, 'self');
    const documents = items
      .map((item) => referenceDocument(run.language, { item, manuals: [], hint: null }, 'direct'))
      .filter(({ ids }) => ids.length <= TINY_FORGE.length);
    const forge = await Forge.open(run);
    const before = await forge.selfModelError();
    const { ended } = await forge.train({
      ...{ name: 'self', documents, steps: 12, rate: [1, 1], shapes: 'staged', fraction: () => 0 },
    });
    const model = await forge.model();
    const errors = [before, await forge.selfModelError()];
    // The model learns from teachers too, as it came and as a stretch left it: they are models alone.
    for (const at of before === null ? [] : [null, ended]) {
      const teacher = await forge.latentsAt(at);
      expect(Object.keys(teacher).sort()).toEqual(Object.keys(model.weights).sort());
      const taught = { documents, steps: 1, rate: [1, 1], shapes: 'first', fraction: () => 0 } as const;
      await forge.train({ ...taught, name: `taught-${at === null ? 'before' : 'after'}`, teacher });
    }
    const result = {
      weights: weightsHash(model.weights),
      model: Object.keys(model.weights),
      state: await forge.state(),
      trained: Object.keys(await forge.trainer.weights('param')),
      errors,
    };
    await forge.dispose();
    return result;
  });
}

test('a weight of 0 is no self-model at all; with one its error falls, and it is in nothing that is kept', async () => {
  const absent = await trainedWith(forgeOptions());
  const zero = await trainedWith(forgeOptions({ weight: 0 }));
  expect(zero.weights).toBe(absent.weights);
  expect(zero.trained).toEqual(absent.trained);
  expect(zero.errors).toEqual([null, null]);
  const own = await trainedWith(forgeOptions({ weight: 5 }));
  expect(own.errors[0]).toBeCloseTo(1, 4);
  expect(own.errors[1]!).toBeLessThan(0.9);
  // It changed the model, whose tensors and state are those of any other.
  expect(own.weights).not.toBe(absent.weights);
  expect(own.trained.length).toBe(absent.trained.length + 2);
  expect(own.model).toEqual(absent.model);
  expect(Object.keys(own.state).sort()).toEqual(Object.keys(absent.state).sort());
});

test('a layer that the model does not have is refused', () =>
  withTernary(async (ctx, handoff) => {
    const options = await completeOptions({ forge: forgeOptions({ weight: 1, layer: 9 }) });
    await expect(prepare(ctx, options, handoff)).rejects.toMatchObject({
      code: 'AF_CONFIG_INVALID',
      problems: [expect.objectContaining({ at: 'phases.curriculum.forge.selfModel.layer', found: '9' })],
    });
  }));

describe('a whole run with a self-model', () => {
  const options = tinyCurriculum({
    forge: { ...forgeOptions({ weight: 1 }), steps: 4, training: TINY_FORGE },
    levels: { items: 4, heldOut: 2, epochs: 1, wall: 1 },
  });

  /** @param pauseAt a count of updates of main training; null: it is not paused */
  async function hashes(pauseAt: number | null) {
    const bench = await benchOf([handoffPhase('bitnet-to-curriculum'), curriculum(options)]);
    let seen = 0;
    bench.kernel.hooks.onEvent.tap('test', (event) => {
      if (event.type !== 'progress' || event.phase !== 'curriculum' || event.task !== 'forge') return;
      if (++seen === pauseAt) bench.kernel.requestPause();
    });
    try {
      let report = await bench.kernel.run();
      if (pauseAt !== null) {
        expect(report.status).toBe('paused');
        report = await bench.kernel.run({ resume: report.sessionId });
      }
      if (report.error !== null) throw report.error;
      const { models, metrics } = report.phases.find(({ name }) => name === 'curriculum')!.result!;
      return {
        metrics,
        models: models.map(({ weights }) => weights.sha256),
        state: models.map(({ sidecars }) => sidecars['training_state']?.sha256),
      };
    } finally {
      await bench.dispose();
    }
  }

  test('gives the same bits when it goes on from a pause, and counts as a stage', async () => {
    const [straight, paused] = [await hashes(null), await hashes(2)];
    expect(paused.models).toEqual(straight.models);
    expect(paused.state).toEqual(straight.state);
    const error = straight.metrics['stage5/self_modeling_loss'];
    expect(error).toBeGreaterThan(0);
    expect(error).toBeLessThan(1);
    expect(paused.metrics['stage5/self_modeling_loss']).toBe(error);
    expect(straight.metrics['stage5/calibration_error']).toBeNull();
    // Assessment, generation, levels, and this.
    expect(straight.metrics['phase/stages_completed']).toBe(4);
    expect(straight.metrics['output_head/std']).toBeGreaterThan(0);
  });
});
