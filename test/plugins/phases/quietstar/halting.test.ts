import type { HaltingFacts } from '../../../../core/contracts/data-facts.js';
import { calibrated, heldOutRows } from '../../../../plugins/phases/quietstar/halting.js';
import type { HostBatch } from '../../../../nn/training/index.js';
import { step1 } from './step-1.js';

/** Rows with something to predict. */
const rowsOf = (batches: readonly HostBatch[]): number =>
  batches.reduce((sum, { targets }) => {
    const length = 24;
    const rows = Array.from({ length: targets.length / length }, (_, i) =>
      targets.subarray(i * length, (i + 1) * length),
    );
    return sum + rows.filter((row) => row.some((target) => target >= 0)).length;
  }, 0);

describe('the halting rule of the thinker', () => {
  /** What the champion had, what was measured on the thinker and on the control, on the thinker again, and without a rule. */
  interface Rules {
    readonly champion: HaltingFacts;
    readonly thinker: HaltingFacts;
    readonly control: HaltingFacts;
    readonly again: HaltingFacts;
    readonly grown: HaltingFacts;
    readonly none: HaltingFacts | null;
    readonly stops: readonly boolean[];
    /** Rows that a rule is measured on, where there are many questions. */
    readonly rows: readonly [text: number, questions: number];
  }
  let rules: Rules;
  beforeAll(async () => {
    rules = await step1({ steps: 30 }, async ({ run, baked: { thinker, control } }) => {
      const without = { ...run, champion: { ...run.champion, halting: null } };
      const { halt: _, ...plain } = thinker;
      const never = await calibrated(without, plain);
      // Short ones, and one that no row has room for.
      const { free, train } = run.worked;
      const long = { ...train[0]!, trace: `<think>${'1'.repeat(400)}</think>` };
      const many = Array.from({ length: 20 }, () => [...train, long]).flat();
      const { text, questions } = heldOutRows({
        ...run,
        worked: { ...run.worked, free: [...many, ...free] },
      });
      return {
        champion: run.champion.halting!,
        thinker: thinker.halting!,
        control: control!.halting!,
        again: (await calibrated(run, thinker)).halting!,
        grown: (await calibrated(run, run.grown.model)).halting!,
        none: never.halting,
        rows: [rowsOf(text), rowsOf(questions)] as const,
        stops: [thinker.halt !== undefined, never.halt !== undefined],
      };
    });
  });

  it('keeps the threshold, and has what was measured on that model and not on the one before', () => {
    const { champion, thinker, control, grown } = rules;
    expect(thinker.threshold).toBe(champion.threshold);
    const steps = thinker.accuracy!.length;
    expect(steps).toBe(champion.accuracy!.length);
    expect(thinker.probability).toHaveLength(steps);
    for (const share of [...thinker.accuracy!, ...thinker.probability!]) {
      expect(share).toBeGreaterThanOrEqual(0);
      expect(share).toBeLessThanOrEqual(1);
    }
    const measured = [champion, grown, control].map(({ probability }) => probability);
    for (const other of measured) expect(thinker.probability).not.toEqual(other);
    // It has learnt something of what it is measured on.
    expect(thinker.accuracy!.at(-1)).toBeGreaterThan(grown.accuracy!.at(-1)!);
  });

  it('is the same when it is measured again', () => {
    expect(rules.again).toEqual(rules.thinker);
  });

  it('is measured on about as many rows of questions as of text', () => {
    const [text, questions] = rules.rows;
    expect(questions).toBeGreaterThanOrEqual(text);
    expect(questions).toBeLessThanOrEqual(1.5 * text);
  });

  it('stays away where the champion had none', () => {
    expect(rules.none).toBeNull();
    expect(rules.stops).toEqual([true, false]);
  });
});
