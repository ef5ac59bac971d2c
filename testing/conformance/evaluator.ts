import { ENGINE, type Engine } from '../../core/contracts/engine.js';
import type { Evaluator } from '../../core/contracts/evaluator.js';
import type { LoadedModel } from '../../core/contracts/model.js';
import type { ConformanceCase, Subject } from '../case.js';
import { expectClose, expectEqual, expectThat } from '../expect.js';
import { tinyChampion } from '../fixtures/tiny-champion.js';
import { implementationOf } from '../implementation.js';

export interface EvaluatorConformanceOptions {
  /** The model to score. Default {@link tinyChampion}: for evaluators that need more context or another vocabulary. */
  readonly model?: () => Promise<LoadedModel>;
  /** Opens the engine to score with; every case disposes its own. Default the onnxruntime engine on one thread. */
  readonly engine?: () => Promise<Engine>;
}

/** What every evaluator must do: score a model, the same every time, and say why where it cannot. */
export function evaluatorConformance(
  subject: Subject<Evaluator>,
  options: EvaluatorConformanceOptions = {},
): ConformanceCase[] {
  const { model = tinyChampion, engine: open = defaultEngine } = options;
  const check = (
    name: string,
    run: (evaluator: Evaluator, model: LoadedModel, engine: Engine) => Promise<void>,
  ): ConformanceCase => ({
    name,
    run: async () => {
      const engine = await open();
      try {
        await run(await subject(), await model(), engine);
      } finally {
        await engine.dispose();
      }
    },
  });
  return [
    check('gives a finite score, or null with the reason', async (evaluator, loaded, engine) => {
      expectThat(
        typeof evaluator.lowerIsBetter === 'boolean',
        `lowerIsBetter is ${String(evaluator.lowerIsBetter)}`,
      );
      const { score, reason } = await evaluator.evaluate(loaded, engine);
      expectThat(score === null || Number.isFinite(score), `the score is ${score}`);
      expectThat(score !== null || (reason ?? '').trim() !== '', 'the score is null, and there is no reason');
    }),
    check('gives the same score every time', async (evaluator, loaded, engine) => {
      const first = await evaluator.evaluate(loaded, engine);
      expectEqual(await evaluator.evaluate(loaded, engine), first, 'a second evaluation');
      expectEqual(await (await subject()).evaluate(loaded, engine), first, 'another instance');
    }),
    check('leaves the model as it was', async (evaluator, loaded, engine) => {
      const before = Object.entries(loaded.weights).map(([name, { data }]) => [name, data.slice()] as const);
      await evaluator.evaluate(loaded, engine);
      for (const [name, data] of before) expectClose(loaded.weights[name]!.data, data, 0, name);
    }),
  ];
}

async function defaultEngine(): Promise<Engine> {
  const { onnxruntime } = await import('../../plugins/engines/onnxruntime/index.js');
  return (await implementationOf(ENGINE, onnxruntime({ threads: 1 }))).open();
}
