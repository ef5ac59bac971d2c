import type { Handoff } from '../../../../core/contracts/handoff.js';
import type { OptionsInput } from '../../../../core/contracts/options.js';
import { isForgeError, type ForgeError } from '../../../../core/errors/index.js';
import { fourBits } from '../../../../examples/third-party-compressor/four-bits.js';
import { bitnet } from '../../../../plugins/index.js';
import { calibrate } from '../../../../plugins/phases/bitnet/calibrate.js';
import type { BitnetOptions } from '../../../../plugins/phases/bitnet/options.js';
import { prepare } from '../../../../plugins/phases/bitnet/prepare.js';
import { handoffPhase } from '../../../../testing/index.js';
import { TINY_RECOVERY, tinyBitnet } from '../../../support/tiny-bitnet.js';
import { benchOf, completeOptions, withThinker } from './support.js';

type Options = OptionsInput<typeof BitnetOptions>;

describe('the plan', () => {
  const plan = async (options: Options) => {
    const phases = [handoffPhase('quietstar-to-bitnet'), bitnet(tinyBitnet(options))];
    const bench = await benchOf(phases, [untrainable()]);
    try {
      const { problems, phases: planned, warnings } = await bench.kernel.plan();
      return { problems, warnings, facts: planned.find(({ name }) => name === 'bitnet')!.facts };
    } finally {
      await bench.dispose();
    }
  };
  /** The compressor of the examples cannot be trained with. */
  const untrainable = fourBits;

  it('says what will be done', async () => {
    const { problems, facts, warnings } = await plan({});
    expect(problems).toEqual([]);
    expect(warnings).toEqual([]);
    expect(facts).toEqual({
      ...{ 'linear matrices': 'ternary', tables: 'int8', inputs: 'int8' },
      ...{ updates: 6, 'more bits': 'never' },
    });
  });

  it('warns of a model that is quantised and no more', async () => {
    const { problems, warnings } = await plan({ recovery: { steps: 0, training: TINY_RECOVERY } });
    expect(problems).toEqual([]);
    expect(warnings).toContainEqual(expect.stringMatching(/recovery\.steps is 0/));
  });

  it('names everything that nothing provides, with what is meant', async () => {
    const { problems } = await plan({
      formats: {
        named: { ternary: { use: 'ternry' } },
        ladder: ['ternary', 'in8'],
        tables: 'float61',
      },
      recovery: { optimizer: { use: 'adam' } },
    });
    expect(problems.map(({ at }) => at)).toEqual([
      'phases.bitnet.formats.named.ternary',
      'phases.bitnet.formats.ladder[1]',
      'phases.bitnet.formats.tables',
      'phases.bitnet.recovery.optimizer',
      'phases.bitnet.recovery.secondStage.options',
    ]);
    expect(problems[0]!.fix).toMatch(/ternary/);
    expect(problems[1]).toMatchObject({ found: 'in8', fix: 'Name it under formats.named.' });
    expect(problems[2]).toMatchObject({ found: 'float61', suggestion: 'float16' });
  });

  it('a format that is named by the user is known to the ladder', async () => {
    const named = { ternary: { use: 'ternary' }, fine: { use: 'ternary', options: { granularity: 'row' } } };
    const { problems } = await plan({ formats: { named, ladder: ['ternary', 'fine'], tables: 'float16' } });
    expect(problems).toEqual([]);
  });

  it('options that a compressor does not have are refused', async () => {
    const named = { ternary: { use: 'ternary', options: { granulrity: 'row' } } };
    const { problems } = await plan({ formats: { named, ladder: ['ternary'], tables: 'float16' } });
    expect(problems).toEqual([
      expect.objectContaining({ at: 'ternary.granulrity', suggestion: 'granularity' }),
    ]);
  });

  it('a compressor that nothing can be trained in is refused', async () => {
    const named = { mine: { use: 'four-bits' } };
    const { problems } = await plan({ formats: { named, ladder: ['mine'], tables: 'float16' } });
    expect(problems).toEqual([
      expect.objectContaining({
        at: 'phases.bitnet.formats.named.mine',
        message: expect.stringMatching(/four-bits: it has no straight-through values/),
        fix: expect.stringMatching(/straightThrough/),
      }),
    ]);
  });

  it('a second stage that is told in part has the rest of its defaults', async () => {
    const { recovery } = await completeOptions({ recovery: { secondStage: { from: 0.3 } } });
    expect(recovery.secondStage).toEqual({ from: 0.3, rate: 2 / 3, options: { weightDecay: 0 } });
  });

  it('what the second stage wants of the optimizer must be there', async () => {
    const secondStage = { from: 0.5, rate: 0.5, options: { weightDcay: 0 } };
    const recovery = { steps: 6, training: TINY_RECOVERY, secondStage };
    const { problems } = await plan({ recovery });
    expect(problems).toEqual([
      expect.objectContaining({ at: 'adamw.weightDcay', suggestion: 'weightDecay' }),
    ]);
    expect((await plan({ recovery: { ...recovery, secondStage: null } })).problems).toEqual([]);
  });

  it('shares of more than everything are refused', async () => {
    const { problems } = await plan({ data: { thoughts: 0.8, direct: 0.3 } });
    expect(problems).toEqual([
      expect.objectContaining({
        at: 'phases.bitnet.data',
        found: String(0.8 + 0.3),
        fix: expect.stringMatching(/lower/),
      }),
    ]);
    expect((await plan({ data: { thoughts: 1, direct: 0 } })).problems).toEqual([]);
  });

  it('bits are not spent beyond what the gate allows', async () => {
    const gates = { compression: 9 };
    const { problems } = await plan({ mixed: { when: 'always', ratio: 8.5 }, gates });
    expect(problems).toEqual([
      expect.objectContaining({
        at: 'phases.bitnet.mixed.ratio',
        found: '8.5',
        expected: expect.stringMatching(/^at least 9/),
      }),
    ]);
    expect((await plan({ mixed: { when: 'always', ratio: 9 }, gates })).problems).toEqual([]);
    expect((await plan({ mixed: { when: 'never', ratio: 8.5 }, gates })).problems).toEqual([]);
  });
});

/** What preparing says of the tiny thinker's handoff, changed. */
function refusal(
  options: Options,
  change: (handoff: Handoff) => Handoff | null = (same) => same,
): Promise<ForgeError> {
  return withThinker(async (ctx, handoff) => {
    try {
      await prepare(ctx, await completeOptions(options), change(handoff));
    } catch (error) {
      if (isForgeError(error)) return error;
      throw error;
    }
    throw new Error('nothing was refused');
  });
}

const withModel =
  (changes: object) =>
  (handoff: Handoff): Handoff => ({
    ...handoff,
    models: handoff.models.map((model) => ({ ...model, ...changes })),
  });

describe('before anything is measured', () => {
  it('no thinker at all is refused', async () => {
    expect((await refusal({}, () => null)).code).toBe('AF_HANDOFF_MISSING');
  });

  it('a thinker without a tokenizer is refused', async () => {
    const error = await refusal({}, withModel({ tokenizer: null }));
    expect(error.code).toBe('AF_HANDOFF_INVALID');
    expect(error.message).toMatch(/thinker has no tokenizer/);
  });

  it('a thinker that says nothing of what was held out is refused', async () => {
    expect((await refusal({}, (handoff) => ({ ...handoff, data: null }))).code).toBe('AF_HANDOFF_INVALID');
  });

  it('rows that are longer than the context, and pins that name nothing, are refused at once', async () => {
    const error = await refusal({
      formats: { smallest: 64, pins: { 'layers.0.ffn.dwn': 'int8', 'gate.*': 'int9', 'ffn-up': 'int8' } },
      recovery: { training: { ...TINY_RECOVERY, length: 64 } },
    });
    expect(error.code).toBe('AF_CONFIG_INVALID');
    expect(error.problems.map(({ at, found, suggestion }) => [at, found, suggestion])).toEqual([
      ['phases.bitnet.recovery.training.length', '64', undefined],
      ['phases.bitnet.formats.pins.layers.0.ffn.dwn', 'layers.0.ffn.dwn', 'layers.0.ffn.down'],
      ['phases.bitnet.formats.pins.gate.*', 'int9', 'int4'],
    ]);
  });

  it('a tensor that is pinned by its name and too small is refused', async () => {
    const error = await refusal({ formats: { smallest: 5000, pins: { 'layers.0.ffn.down': 'int8' } } });
    expect(error.problems).toContainEqual(
      expect.objectContaining({
        message: 'is too small to be held in int8',
        expected: 'at least 5,000 weights',
      }),
    );
  });

  it('a size that cannot be met is refused, with the least that can', async () => {
    const error = await refusal({ mixed: { when: 'always', ratio: 8.2 } });
    expect(error.code).toBe('AF_CONFIG_INVALID');
    const [problem] = error.problems;
    expect(problem).toMatchObject({
      at: 'phases.bitnet.mixed.ratio',
      fix: expect.stringMatching(/^Allow [\d,]+ bytes/),
    });
    const least = Number(/takes ([\d,]+) bytes/.exec(problem!.message)![1]!.replaceAll(',', ''));
    const allowed = Number(problem!.found!.replaceAll(',', ''));
    expect(least).toBeGreaterThan(allowed);
    // The largest: the table, in the format it is pinned to.
    expect(problem!.message).toMatch(/embedding\.table in int8 3,\d{3}/);
  });

  it('where no matrix is large enough to be quantised, nothing would be done: that is refused', async () => {
    const error = await refusal({ formats: { smallest: 1_000_000 } });
    expect(error.code).toBe('AF_CONFIG_INVALID');
    expect(error.problems).toEqual([
      expect.objectContaining({
        at: 'phases.bitnet.formats.smallest',
        message: expect.stringMatching(/nothing would be quantised/),
        found: '1,000,000',
        expected: expect.stringMatching(/^at most 384,/),
      }),
    ]);
    const ladder = await refusal({ formats: { smallest: 64, ladder: ['float16'], tables: 'float16' } });
    expect(ladder.problems).toEqual([
      expect.objectContaining({ at: 'phases.bitnet.formats', fix: expect.stringMatching(/formats\.ladder/) }),
    ]);
  });
});

describe('what there is to calibrate on', () => {
  const calibrated = (
    calibration: { sequences: number; rows: number },
    change = (handoff: Handoff) => handoff,
  ) =>
    withThinker(async (ctx, handoff) =>
      calibrate(await prepare(ctx, await completeOptions({ calibration }), change(handoff)), () => 0),
    );

  it('is told where it is less than was asked for', async () => {
    const { warnings, statistics } = await calibrated({ sequences: 4000, rows: 8 });
    expect(warnings).toEqual([expect.stringMatching(/^Calibration reads \d+ of 4,000 sequences/)]);
    expect(statistics.tokens).toBeGreaterThan(0);
    expect((await calibrated({ sequences: 4, rows: 4 })).warnings).toEqual([]);
  });

  it('is needed', async () => {
    const error = await withThinker(async (ctx, handoff) => {
      const run = await prepare(ctx, await completeOptions(), handoff);
      const sets = run.data.sets.map((set) => ({ ...set, heldout: [], heldoutKeys: [] }));
      return calibrate({ ...run, data: { ...run.data, sets } }, () => 0).catch((found: unknown) => found);
    });
    expect(error).toMatchObject({ code: 'AF_DATA_TOO_SMALL', at: 'phases.bitnet.calibration' });
  });
});
