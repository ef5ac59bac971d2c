import { defineEvaluator, openProject, type ForgeConfig, type Project } from 'agentforge';
import { looksAhead } from '../../../examples/third-party-evaluator/looks-ahead.js';
import { writtenProject } from '../../support/written-project.js';

let made: Awaited<ReturnType<typeof writtenProject>>;
beforeAll(async () => {
  made = await writtenProject('reasoning');
});
afterAll(() => made.remove());

/** An evaluator that gives what a function says. */
function evaluator(name: string, evaluate: () => { score: number | null; reason?: string }) {
  return defineEvaluator({
    name,
    create: () => ({ lowerIsBetter: false, evaluate: async () => evaluate() }),
  })();
}

async function withPlugins<T>(
  plugins: ForgeConfig['plugins'],
  work: (project: Project) => Promise<T>,
): Promise<T> {
  const project = await openProject({ cwd: made.path, config: { plugins } });
  try {
    return await work(project);
  } finally {
    await project.dispose();
  }
}

/** Numbers in the weights, counted from what the evaluator is given. */
const size = defineEvaluator({
  name: 'size',
  create: () => ({
    lowerIsBetter: true,
    evaluate: async ({ ref, weights }) => ({
      score: Object.values(weights).reduce((sum, { data }) => sum + data.length, 0),
      reason: ref.name,
    }),
  }),
});

test('every evaluator of the config scores the model', () =>
  withPlugins(
    [size(), looksAhead(), evaluator('none', () => ({ score: null, reason: 'no data' }))],
    async (project) => {
      const { parts: evaluations } = await project.evaluate('reasoning');
      const model = await project.model('reasoning');
      // float32: four bytes each, behind a header.
      const [counted] = evaluations;
      if (counted?.kind !== 'evaluator') throw new Error('the first part is no evaluator');
      expect(counted).toMatchObject({ name: 'size', lowerIsBetter: true, reason: 'reasoning' });
      expect(model.weights.bytes - 4 * counted.score!).toBeGreaterThan(0);
      expect(model.weights.bytes - 4 * counted.score!).toBeLessThan(10_000);
      // Attention is causal: later tokens change nothing but the last bits.
      const causal = evaluations[1] as { score: number };
      expect(causal).toMatchObject({ kind: 'evaluator', name: 'looks-ahead', lowerIsBetter: true });
      expect(causal.score).toBeLessThan(1e-4);
      expect(evaluations[2]).toEqual({
        kind: 'evaluator',
        name: 'none',
        lowerIsBetter: false,
        score: null,
        reason: 'no data',
      });
    },
  ));

test('without evaluators there is nothing to say; an unknown model is told', () =>
  withPlugins([], async (project) => {
    await expect(project.evaluate('reasoning')).rejects.toMatchObject({
      ...{ code: 'AF_EVALUATE_OPTIONS', message: expect.stringContaining('nothing to measure') },
    });
    await expect(project.evaluate('reasonin')).rejects.toMatchObject({
      ...{ code: 'AF_REGISTRY_NOT_FOUND', fix: expect.stringContaining('reasoning') },
    });
  }));

test.each([
  ['not a number', () => ({ score: NaN }), 'it gave the score NaN'],
  ['silent', () => ({ score: null }), 'it gave the score null without a reason'],
  [
    'failing',
    () => {
      throw new Error('out of paper');
    },
    'out of paper',
  ],
])('an evaluator that is %s is named', (name, evaluate, message) =>
  withPlugins([evaluator(name, evaluate)], async (project) => {
    await expect(project.evaluate('reasoning')).rejects.toMatchObject({
      ...{ code: 'AF_PLUGIN_FAILED', at: `evaluator ${name}`, message: expect.stringContaining(message) },
    });
  }),
);
