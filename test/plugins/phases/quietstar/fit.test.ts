import { BAKING, type BakingMethod } from '../../../../core/contracts/baking.js';
import type { Engine } from '../../../../core/contracts/engine.js';
import { isForgeError, type Problem } from '../../../../core/errors/index.js';
import { countParameters } from '../../../../nn/models/index.js';
import { requireFit } from '../../../../plugins/phases/quietstar/fit.js';
import { thinkingNeeds } from '../../../../plugins/phases/quietstar/needs.js';
import type { QuietstarOptions } from '../../../../plugins/phases/quietstar/options.js';
import { bakingNeeds } from '../../../../plugins/phases/shared/baking/needs.js';
import type { ModelShape } from '../../../../plugins/phases/shared/model/shape.js';
import { trainingNeeds } from '../../../../plugins/phases/shared/training/needs.js';
import { bakingBench, type BakingBench } from '../../../support/baking.js';
import { openTestEngine } from '../../../support/training.js';
import { completeOptions } from './support.js';

let engine: Engine;
let bench: BakingBench;
let model: ModelShape;
let options: QuietstarOptions;
beforeAll(async () => {
  engine = await openTestEngine();
  bench = await bakingBench(engine);
  model = bench.start.model;
  options = await completeOptions();
});
afterAll(async () => {
  await bench.kernel.dispose();
  await engine.dispose();
});

const method = (name: string, own: object = {}): BakingMethod =>
  bench.ctx.resolve(BAKING, name, own as Record<string, unknown>);
const bytes = (needs: { readonly memoryBytes: number | null }): number => needs.memoryBytes!;
const ofBaking = (baking: BakingMethod, promptTokens = 0): number =>
  bytes(bakingNeeds(model, baking, options.baking.training, promptTokens));

describe('what step 1 needs', () => {
  it('is training, and a measurement with weights of its own beside it', () => {
    const weights = 4 * countParameters(model.tensors);
    const { rows, length } = options.baking.training;
    const read = model.architecture.memoryBytes!(model.config.hyperparameters, {
      ...{ rows, length, training: false },
    });
    const training = bytes(trainingNeeds(model, options.baking.training));
    expect(ofBaking(method('traces'))).toBe(training + weights + read);
  });

  it('is more with a teacher, and more the longer its prompt; less where adapters are all that is trained', () => {
    const all = ofBaking(method('traces'));
    const taught = ofBaking(method('prompts', { train: 'all' }));
    expect(taught).toBeGreaterThan(all + 2 * 4 * countParameters(model.tensors));
    expect(ofBaking(method('prompts', { train: 'all' }), 8)).toBeGreaterThan(taught);
    const adapters = { train: 'adapters', adapters: { rank: 1, alpha: 1, roles: null } };
    expect(ofBaking(method('traces', adapters))).toBeLessThan(all);
  });

  it('has a teacher that reads no prompt where texts are kept', () => {
    const all = ofBaking(method('traces'));
    const keeping = method('traces', { keep: 1 });
    expect(ofBaking(keeping)).toBeGreaterThan(all + 2 * 4 * countParameters(model.tensors));
    expect(ofBaking(keeping, 8)).toBe(ofBaking(keeping));
    expect(ofBaking(keeping)).toBe(ofBaking(method('prompts', { train: 'all' })));
  });
});

describe('what step 2 needs', () => {
  const withThoughts = (changes: Partial<QuietstarOptions['thoughts']>): number =>
    bytes(thinkingNeeds(model, { ...options, thoughts: { ...options.thoughts, ...changes } }));

  it('grows with the thoughts of a row, however they are divided, faster than their number', () => {
    const few = withThoughts({ samples: 2, positions: 2 });
    const more = withThoughts({ samples: 4, positions: 4 });
    const most = withThoughts({ samples: 8, positions: 8 });
    expect(more - few).toBeGreaterThan(0);
    expect(most - more).toBeGreaterThan(4 * (more - few));
    expect(Math.abs(withThoughts({ samples: 2, positions: 8 }) - more)).toBeLessThan(0.05 * more);
  });

  it('is that of the longest thoughts of all stages, and of the end of the stage before', () => {
    const inStages = (quiet: Partial<QuietstarOptions['quiet']>): number =>
      bytes(thinkingNeeds(model, { ...options, quiet: { ...options.quiet, steps: 4, ...quiet } }));
    const { tokens } = options.thoughts;
    const one = inStages({});
    const two = inStages({ shrink: [{ until: 0.5, tokens }] });
    expect(two - one).toBe(4 * 4 * countParameters(model.tensors));
    expect(inStages({ shrink: [{ until: 0.5, tokens: tokens + 2 }] })).toBeGreaterThan(two);
  });

  it('is more with tests for theater, where there is an update for one', () => {
    const tested = (every: number | null): number =>
      bytes(
        thinkingNeeds(model, {
          ...options,
          quiet: { ...options.quiet, theater: { ...options.quiet.theater, every } },
        }),
      );
    expect(tested(1)).toBeGreaterThan(tested(null) + 3 * 4 * countParameters(model.tensors));
    expect([tested(0), tested(1000)]).toEqual([tested(null), tested(null)]);
  });

  it('is more than training without thoughts, with anchor and sampler', () => {
    const plain = bytes(trainingNeeds(model, options.quiet.training));
    expect(withThoughts({})).toBeGreaterThan(plain + 2 * 4 * countParameters(model.tensors));
  });

  it('is not known of an architecture that does not say', () => {
    const { memoryBytes: _, ...silent } = model.architecture;
    const needs = thinkingNeeds({ ...model, architecture: silent }, options);
    expect(needs.memoryBytes).toBeNull();
    expect(
      bakingNeeds({ ...model, architecture: silent }, method('prompts'), options.baking.training),
    ).toEqual(needs);
  });
});

describe('a run that does not fit', () => {
  /** @param totalMemory default: as much as anyone wants */
  const refused = (
    changes: Partial<QuietstarOptions>,
    totalMemory = Number.MAX_VALUE,
  ): readonly Problem[] => {
    try {
      requireFit(bench.ctx, { ...options, ...changes }, model, { totalMemory });
      return [];
    } catch (error) {
      if (!isForgeError(error)) throw error;
      return error.problems;
    }
  };
  const paths = (problems: readonly Problem[]): string[] => problems.map(({ at }) => at!.slice(17));
  const ADAPTERS = { train: 'adapters', adapters: { rank: 1, alpha: 1, roles: null } };

  it('is refused for each step that needs more than there is', () => {
    const [one, two] = [ofBaking(method('traces')), bytes(thinkingNeeds(model, options))];
    expect(paths(refused({}, Math.max(one, two)))).toEqual([]);
    expect(two).toBeGreaterThan(one);
    expect(paths(refused({}, two - 1))).toEqual(['thoughts']);
    expect(paths(refused({}, one - 1))).toEqual(['baking.training', 'thoughts']);
    expect(paths(refused({ quiet: { ...options.quiet, steps: 0 } }, one))).toEqual([]);
  });

  it('is refused where the control needs more than the thoughts do', () => {
    // Where little is read, what is trained weighs more than a teacher.
    const training = { ...options.baking.training, rows: 1, length: 2 };
    const baking = { ...options.baking, training, use: 'prompts', options: ADAPTERS };
    const quiet = { ...options.quiet, steps: 0 };
    const needs = (one: BakingMethod): number => bytes(bakingNeeds(model, one, training));
    const [enough, control] = [needs(method('prompts', ADAPTERS)), needs(method('traces'))];
    expect(control).toBeGreaterThan(enough);
    expect(refused({ baking, quiet }, enough)).toEqual([
      expect.objectContaining({
        at: 'phases.quietstar.baking.training',
        message: expect.stringMatching(/^the control/),
      }),
    ]);
    expect(refused({ baking: { ...baking, control: false }, quiet }, enough)).toEqual([]);
    expect(refused({ baking, quiet }, control)).toEqual([]);
  });

  it('is refused where rows of what is not trained have a rate', () => {
    const adamw = (learningRate: number) => ({ use: 'adamw', options: { learningRate } });
    const baking = { ...options.baking, optimizer: adamw(1e-3), markerLr: 0.01 };
    const quiet = { ...options.quiet, optimizer: adamw(1e-3), markerLr: 0.01 };
    expect(paths(refused({ baking, quiet }))).toEqual([]);
    const adapters = { ...baking, options: ADAPTERS };
    expect(paths(refused({ baking: adapters, quiet }))).toEqual(['baking.markerLr']);
    expect(paths(refused({ baking: { ...adapters, markerLr: null }, quiet }))).toEqual([]);
  });

  it('names the stage that has the longest thoughts', () => {
    const inStages = (tokens: number) => ({
      ...options.quiet,
      steps: 4,
      shrink: [
        { until: 0.5, tokens },
        { until: 0.75, tokens: 3 },
      ],
    });
    const [long] = refused({ quiet: inStages(12) });
    expect(long).toMatchObject({
      at: 'phases.quietstar.quiet.shrink[0].tokens',
      found: '24 + 12 + 1',
      fix: 'lower quiet.training.length or quiet.shrink[0].tokens',
    });
    const problems = refused({ quiet: inStages(4) }, 1);
    expect(problems.at(-1)!.fix).toMatch(/thoughts\.positions, quiet\.shrink\[0\]\.tokens, quiet/);
    expect(refused({}, 1).at(-1)!.fix).toMatch(/thoughts\.positions, thoughts\.tokens, quiet/);
  });
});
