import type { PhaseContext } from '../../../../core/contracts/phase.js';
import type { TensorDict } from '../../../../core/contracts/tensor.js';
import { agreementOf } from '../../../../plugins/phases/shared/quantized/agreement.js';
import { lossesOf } from '../../../../plugins/phases/bitnet/measure.js';
import { prepare, type BitnetRun } from '../../../../plugins/phases/bitnet/prepare.js';
import { questionRows, recoveryRows, recoverySource } from '../../../../plugins/phases/bitnet/rows.js';
import { speedOf } from '../../../../plugins/phases/bitnet/speed.js';
import { thinkingThreshold } from '../../../../plugins/phases/bitnet/thinking-threshold.js';
import { withUntrained } from '../../../../plugins/phases/shared/evaluation/untrained.js';
import { questionGroups, showThoughts } from '../../../../plugins/phases/shared/thoughts/examine.js';
import { recalibrated } from '../../../../plugins/phases/shared/training/recalibrate.js';
import { examined, record, thought } from '../quietstar/support.js';
import { completeOptions, withThinker } from './support.js';

const withRun = <T>(use: (run: BitnetRun, ctx: PhaseContext) => Promise<T>, changes = {}): Promise<T> =>
  withThinker(async (ctx, handoff) => use(await prepare(ctx, await completeOptions(changes), handoff), ctx));

/** Other numbers of the same shapes. */
const turned = (weights: TensorDict): TensorDict =>
  Object.fromEntries(
    Object.entries(weights).map(([name, { data, ...rest }]) => [
      name,
      {
        ...rest,
        data: Float32Array.from(data as Float32Array, (value, i) => (i % 3 === 0 ? -3 : 2) * value),
      },
    ]),
  );

describe('a model that is not trained', () => {
  it('is measured as training would, and has no state beside its weights', async () => {
    await withRun(async (run) => {
      const { losses, names, again } = await withUntrained(run.measuring, run.teacher, async (trainer) => ({
        losses: await trainer.evaluate('param', run.text.holdout.batches),
        names: Object.keys(await trainer.snapshot()),
        again: await trainer.weights('param'),
      }));
      expect(Math.abs(losses.crossEntropy - Math.log(300))).toBeLessThan(0.5);
      expect(names.filter((name) => name.startsWith('opt/'))).toEqual([]);
      expect(again).toEqual(run.teacher.weights);
      expect((await lossesOf(run, run.teacher, 'locked')).text).toBe(losses.crossEntropy);
      const other = await lossesOf(run, { ...run.teacher, weights: turned(run.teacher.weights) }, 'locked');
      expect(other.text).not.toBe(losses.crossEntropy);
      expect(other.questions).not.toBe(other.text);
    });
  });

  it('what goes wrong while it is measured is told', async () => {
    await withRun(async ({ measuring, teacher }) => {
      const fails = withUntrained(measuring, teacher, () => Promise.reject(new Error('broken')));
      await expect(fails).rejects.toThrow('broken');
    });
  });
});

describe('the halting rule of a model that came of another', () => {
  it('keeps the threshold, and is measured on it', async () => {
    await withRun(async (run) => {
      const { halting } = run.teacher;
      const rows = () => run.text.selection.batches;
      const found = await recalibrated(run.measuring, run.teacher, halting, rows);
      expect(found.halting!.threshold).toBe(halting!.threshold);
      expect(found.halting!.accuracy).toHaveLength(2);
      // The fixture has 0.3 and 0.4, which nobody measured.
      expect(found.halting!.accuracy).not.toEqual(halting!.accuracy);
      expect(found.halt).toBeDefined();
      const again = await recalibrated(run.measuring, found, halting, rows);
      expect(again.halting).toEqual(found.halting);
    });
  });

  it('is none where there was none: nothing is measured', async () => {
    await withRun(async ({ measuring, teacher }) => {
      const { halt: _, ...plain } = teacher;
      const found = await recalibrated(measuring, plain, null, () => {
        throw new Error('rows were asked for');
      });
      expect(found.halting).toBeNull();
      expect(found).not.toHaveProperty('halt');
    });
  });
});

describe('what two models find likeliest', () => {
  it('is the same of the same model, and counted where there is something to predict', async () => {
    await withRun(async (run) => {
      const other = { ...run.teacher, weights: turned(run.teacher.weights) };
      expect(await agreementOf(run, run.teacher, run.teacher)).toBe(1);
      const all = await agreementOf(run, run.teacher, other);
      expect(all).toBeLessThan(1);
      // A single place, in which they agree or do not.
      const { holdout } = run.text;
      const places = holdout.batches.reduce(
        (sum, { targets }) => sum + targets.filter((id) => id >= 0).length,
        0,
      );
      expect((all! * places) % 1).toBeCloseTo(0, 6);
      const silent = holdout.batches.map((batch) => ({ ...batch, targets: batch.targets.map(() => -100) }));
      const none = { ...run, text: { ...run.text, holdout: { ...holdout, batches: silent } } };
      expect(await agreementOf(none, run.teacher, other)).toBeNull();
    });
  });
});

describe('the time of a token', () => {
  it('is that of both models; unknown where one cannot read token by token', async () => {
    await withRun(async (run) => {
      const speed = await speedOf(run, run.teacher, run.teacher);
      expect(speed!.ratio).toBe(speed!.float / speed!.packed);
      expect(speed!.runs * speed!.tokens).toBeGreaterThan(0);
      const { decoder: _, ...architecture } = run.teacher.architecture;
      expect(await speedOf(run, run.teacher, { ...run.teacher, architecture })).toBeNull();
    });
  });
});

describe('where a model thinks', () => {
  const threshold = (value: number, use: (run: BitnetRun) => TensorDict) =>
    withRun(async (run) => {
      const { ref } = run.teacher;
      const thoughts = { ...ref.metadata.thoughts!, threshold: value };
      const teacher = { ...run.teacher, ref: { ...ref, metadata: { ...ref.metadata, thoughts } } };
      return thinkingThreshold({ ...run, teacher }, { ...run.teacher, weights: use(run) });
    });

  it('nowhere stays nowhere, everywhere everywhere', async () => {
    expect(await threshold(1, ({ teacher }) => turned(teacher.weights))).toBe(1);
    // An untrained model is unsure at every place.
    expect(await threshold(0.6, ({ teacher }) => turned(teacher.weights))).toBe(0.6);
  });
});

describe('what recovery trains on', () => {
  it('is rows of one length, another hash for another model, and goes on where it was', async () => {
    await withRun((run) => {
      const rows = recoveryRows(run);
      expect(rows.set.rows.length).toBeGreaterThan(4);
      for (const { ids } of rows.set.rows) expect(ids).toHaveLength(24);
      expect(recoveryRows(run).hash).toBe(rows.hash);
      const ref = { ...run.teacher.ref, weights: { ...run.teacher.ref.weights, sha256: '0'.repeat(64) } };
      expect(recoveryRows({ ...run, teacher: { ...run.teacher, ref } }).hash).not.toBe(rows.hash);
      const [one, two] = [recoverySource(rows, 3), recoverySource(rows, 3)];
      one.nextBatch(2);
      two.restore(JSON.parse(JSON.stringify(one.state())));
      expect(two.nextBatch(2)).toEqual(one.nextBatch(2));
      return Promise.resolve();
    });
  });

  it('has thoughts as large a share as was asked for', async () => {
    const tokens = (data: { thoughts: number; direct: number }): Promise<number> =>
      withRun(
        (run) => {
          const opening = run.examination.tags['<think>']!;
          const all = recoveryRows(run).set.rows.flatMap(({ ids }) => [...ids]);
          return Promise.resolve(all.filter((id) => id === opening).length);
        },
        { data },
      );
    const [none, some, most] = [
      await tokens({ thoughts: 0, direct: 0.5 }),
      await tokens({ thoughts: 0.4, direct: 0.1 }),
      await tokens({ thoughts: 1, direct: 0 }),
    ];
    expect(none).toBe(0);
    expect(some).toBeGreaterThan(0);
    expect(most).toBeGreaterThan(1.5 * some);
  });

  it('is measured on questions of known kinds, free and locked apart', async () => {
    await withRun((run) => {
      const texts = (side: 'free' | 'locked') =>
        questionRows(run, side).flatMap(
          ({ ids }) => run.tokenizer.tokenizer.decode([...ids]).match(/\d\+\d\+\d=/g) ?? [],
        );
      const [free, locked] = [texts('free'), texts('locked')];
      expect(free.length).toBeGreaterThan(0);
      expect(locked.length).toBeGreaterThan(0);
      expect(free.filter((text) => locked.includes(text))).toEqual([]);
      const known = run.worked.free.filter(({ part }) => part === 'known').map(({ question }) => question);
      expect(free.filter((text) => !known.includes(text))).toEqual([]);
      return Promise.resolve();
    });
  });
});

describe('an examination', () => {
  it('keeps parts apart, known ones first, each as many as were asked for', () => {
    const locked = ['new-range', 'known', 'known', 'new-family', 'known', 'new-range'].map((part) =>
      record({ part }),
    );
    const counts = (size: { items: number; furtherItems: number }) =>
      questionGroups(locked, size).map(({ part, records }) => [part, records.length]);
    expect(counts({ items: 2, furtherItems: 1 })).toEqual([
      ['known', 2],
      ['new-range', 1],
      ['new-family', 1],
    ]);
    expect(counts({ items: 9, furtherItems: 0 })).toEqual([
      ['known', 3],
      ['new-range', 0],
      ['new-family', 0],
    ]);
    expect(questionGroups([], { items: 1, furtherItems: 1 })).toEqual([{ part: 'known', records: [] }]);
  });

  it('shows two questions, thoughts with their tags and answers', () => {
    const told: unknown[] = [];
    const decode = (ids: readonly number[]): string => ids.join(' ');
    const examination = {
      ctx: { event: (name: string, facts: unknown) => void told.push([name, facts]) },
      tokenizer: { decode },
      tags: { '<think>': 10, '</think>': 11 },
    };
    const records = [record({ question: 'a' }), record({ question: 'b' }), record({ question: 'c' })];
    showThoughts(
      examination as never,
      'ternary',
      examined(
        records,
        { with: 'rwr' },
        records.map((_, i) => thought([i])),
      ),
    );
    expect(told).toEqual([
      ['sample', { model: 'ternary', prompt: 'a', text: '10 0 11r' }],
      ['sample', { model: 'ternary', prompt: 'b', text: '10 1 11w' }],
    ]);
  });
});
