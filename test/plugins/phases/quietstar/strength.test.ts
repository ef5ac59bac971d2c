import type { PhaseResult } from '../../../../core/contracts/phase.js';
import { weightsHash } from '../../../../nn/models/index.js';
import { quietstar } from '../../../../plugins/index.js';
import { effectOf, ledgerWarnings, updatesOf } from '../../../../plugins/phases/quietstar/ledger.js';
import { handoffPhase, type TestKernel } from '../../../../testing/index.js';
import { tinyQuietstar } from '../../../support/tiny-quietstar.js';
import { benchOf, step1, type Step1 } from './step-1.js';

const same = (step: Step1): Step1 => step;

describe('a thinker that is baked half', () => {
  let half: Step1;
  beforeAll(async () => void (half = await step1({ steps: 12, strength: 0.5 }, same)));

  it('has half of the effect, and so has its control', () => {
    for (const part of ['thoughts', 'control'] as const) {
      const [entry, ...more] = half.baked.entries[part];
      expect(more).toEqual([]);
      expect(Math.abs(entry!.strength! - 0.5)).toBeLessThanOrEqual(0.05);
      expect(entry!.after).toBeLessThan(entry!.before);
      expect(entry!.share).toBeGreaterThan(0);
      expect(entry!.share).toBeLessThan(1);
    }
    expect(ledgerWarnings(half.baked, half.options)).toEqual([]);
  });

  it('is told of where the strength is another one', () => {
    const others = { ...half.options, baking: { ...half.options.baking, strength: 0.8 } };
    expect(ledgerWarnings(half.baked, others)).toEqual([
      expect.stringMatching(/^The strength of the thoughts is 0\.\d\d and not 0\.8/),
      expect.stringMatching(/^The strength of the control/),
    ]);
    const [entry] = half.baked.entries.thoughts;
    const nothing = { entries: { thoughts: [{ ...entry!, strength: null }], control: [] } };
    expect(ledgerWarnings(nothing, half.options)).toEqual([expect.stringMatching(/nothing was baked/)]);
  });
});

describe('a thinker that is baked in rounds', () => {
  it('goes on from round to round while that helps, and its share of the work never goes back', async () => {
    const { baked, fractions } = await step1({ steps: 6, rounds: 2, control: false }, same);
    const { thoughts } = baked.entries;
    expect(thoughts.map(({ round, kept }) => [round, kept])).toEqual([
      [1, true],
      [2, true],
    ]);
    // The second round begins where the first one ended; what is measured is the same.
    expect(thoughts[1]!.before).toBeCloseTo(thoughts[0]!.after, 5);
    expect(thoughts[1]!.after).toBeLessThan(thoughts[1]!.before);
    expect(updatesOf(thoughts)).toBe(12);
    expect(fractions).toEqual([...fractions].sort((a, b) => a - b));
  });

  it('keeps the best round: one that makes it worse is not kept, and with none kept nothing has changed', async () => {
    const optimizer = { use: 'adamw', options: { learningRate: 3, weightDecay: 0 } };
    const { baked, run, options } = await step1({ steps: 2, rounds: 2, control: false, optimizer }, same);
    const { thoughts } = baked.entries;
    expect(thoughts.map(({ kept }) => kept)).toEqual([false]);
    expect(thoughts[0]!.after).toBeGreaterThan(thoughts[0]!.before);
    expect(weightsHash(baked.thinker.weights)).toBe(weightsHash(run.grown.model.weights));
    expect(effectOf(thoughts)).toEqual({ divergence: null, strength: null, rounds: 0 });
    expect(ledgerWarnings(baked, options)).toEqual([expect.stringMatching(/not kept in any round/)]);
  });
});

test('texts that are kept have a teacher, and the bake is not measured by the divergence from it', async () => {
  const changes = { options: { keep: 1 }, steps: 2, control: false };
  const { baked } = await step1(changes, same);
  const [entry] = baked.entries.thoughts;
  expect(entry).toMatchObject({ method: 'traces', options: { keep: 1 }, measured: 'cross-entropy' });
  expect(effectOf(baked.entries.thoughts)).toMatchObject({ divergence: null, rounds: 1 });
});

describe('quietstar that bakes a prompt', () => {
  const PROMPT = '1+2+3=';
  let bench: TestKernel;
  let result: PhaseResult;
  beforeAll(async () => {
    const { baking, quiet } = tinyQuietstar();
    // The tiny model hardly hears its prompt: larger steps would change more than the prompt does.
    const optimizer = { use: 'adamw', options: { learningRate: 1e-5, weightDecay: 0 } };
    const options = tinyQuietstar({
      baking: {
        ...baking,
        ...{ use: 'prompts', prompt: PROMPT, steps: 8, control: false, optimizer },
      },
      quiet: { ...quiet, steps: 0 },
    });
    bench = await benchOf([handoffPhase('evomerge-to-quietstar'), quietstar(options)]);
    const report = await bench.kernel.run();
    if (report.error !== null) throw report.error;
    result = report.phases.find(({ name }) => name === 'quietstar')!.result!;
  });
  afterAll(() => bench.dispose());

  it('measures the divergence from the teacher with the prompt, before and after', () => {
    const { 'baking/kl_before': before, 'baking/kl_after': after } = result.metrics;
    expect(before).toBeGreaterThan(0);
    expect(after).toBeLessThan(before as number);
    expect(result.metrics['baking/strength']).toBe(1);
    expect(result.metrics['baking/rounds']).toBe(1);
  });

  it('hands on the ledger, beside the model too', async () => {
    const ledger = result.handoff!.facts['baking'];
    expect(ledger).toEqual([
      expect.objectContaining({
        ...{ part: 'thoughts', method: 'prompts', measured: 'baking/kl', round: null, kept: true, steps: 8 },
        ...{ before: result.metrics['baking/kl_before'], after: result.metrics['baking/kl_after'] },
        prompts: [expect.stringMatching(/^[0-9a-f]{64}$/)],
      }),
    ]);
    // Seconds differ from run to run.
    expect((ledger as object[])[0]).not.toHaveProperty('seconds');
    const { artifacts } = await bench.kernel.storage();
    expect(JSON.parse(await artifacts.readText(result.models[0]!.sidecars['baking']!))).toEqual(ledger);
  });
});
