import type { Engine } from '../../core/contracts/engine.js';
import { isForgeError } from '../../core/errors/index.js';
import type { ConformanceCase, Subject } from '../case.js';
import { expectClose, expectEqual, expectThat } from '../expect.js';
import { elementwiseCases } from './engine/elementwise-cases.js';
import { lifecycleCases, type LifecycleCase } from './engine/lifecycle-cases.js';
import type { OperatorCase, Tfjs } from './engine/operator-case.js';
import { reductionCases } from './engine/reduction-cases.js';
import { inputsOf, programOf, reference, specOf } from './engine/run-case.js';
import { shapeCases } from './engine/shape-cases.js';
import { trainsAsTfjsDoes } from './engine/training-case.js';

export interface EngineConformanceOptions {
  /**
   * tfjs kernels the engine is known to lack. A case that needs one must fail with AF_ENGINE_UNSUPPORTED_KERNEL
   * naming it, instead of agreeing with tfjs.
   */
  readonly lacks?: readonly string[];
  /** Relative difference to tfjs that any operator may have. Default 1e-5: more for devices of lower precision. */
  readonly tolerance?: number;
}

const TOLERANCE = 1e-5;

/** Every tfjs operator that models, losses, optimizers and merges are written in, with its gradients. */
const OPERATOR_CASES: readonly OperatorCase[] = [...elementwiseCases, ...reductionCases, ...shapeCases];

/**
 * What any compute engine must do: compute each operator and its gradients as tfjs does, carry state, draw
 * the numbers a key names, refuse what does not fit, and train.
 *
 * @example for (const { name, run } of engineConformance(() => provider.open())) test(name, run);
 */
export function engineConformance(
  subject: Subject<Engine>,
  { lacks = [], tolerance = TOLERANCE }: EngineConformanceOptions = {},
): readonly ConformanceCase[] {
  const lacking = (error: unknown): boolean =>
    isForgeError(error, 'AF_ENGINE_UNSUPPORTED_KERNEL') && lacks.includes(String(error.facts['kernel']));
  const operators = OPERATOR_CASES.map((one) =>
    check(`computes ${one.name}`, (engine, tf) => agreesWithTfjs(engine, tf, one, tolerance)),
  );
  const lifecycle = Object.entries({
    ...lifecycleCases,
    'trains a small decoder as tfjs does': trainsAsTfjsDoes,
  });
  return [...operators, ...lifecycle.map(([name, run]) => check(name, run))];

  function check(name: string, run: LifecycleCase): ConformanceCase {
    return {
      name,
      run: async () => {
        const tf = await import('@tensorflow/tfjs');
        // Mutes tfjs: the reference would print an advertisement for its native backend.
        tf.env().set('PROD', true);
        await run(await subject(), tf).catch((error: unknown) => {
          if (!lacking(error)) throw error;
        });
      },
    };
  }
}

async function agreesWithTfjs(engine: Engine, tf: Tfjs, one: OperatorCase, tolerance: number): Promise<void> {
  const expected = reference(tf, one);
  const program = await engine.compile(programOf(tf, one), specOf(one));
  try {
    const found = await program.run(inputsOf(one));
    expectEqual(Object.keys(found), Object.keys(expected), 'names of the outputs');
    for (const [name, tensor] of Object.entries(expected)) {
      expectEqual([found[name]!.shape, found[name]!.dtype], [tensor.shape, tensor.dtype], `type of ${name}`);
      expectThat(
        found[name]!.data[Symbol.toStringTag] === tensor.data[Symbol.toStringTag],
        `array type of ${name}`,
      );
      expectClose(found[name]!.data, tensor.data, Math.max(one.tolerance ?? TOLERANCE, tolerance), name);
    }
  } finally {
    await program.dispose();
  }
}
