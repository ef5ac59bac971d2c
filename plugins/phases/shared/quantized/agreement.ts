import type { Engine, EngineState } from '../../../../core/contracts/engine.js';
import * as tf from '@tensorflow/tfjs';
import { Forwards } from '../../../../nn/evaluation/index.js';
import { answerLogits } from '../../../../nn/models/index.js';
import { specsOf, type HostBatch } from '../../../../nn/training/index.js';
import type { LiveModel } from '../model/open.js';
import type { ScoringData } from '../evaluation/scoring.js';

/** The likeliest next token at every place of some rows. */
async function likeliest(
  { engine }: { readonly engine: Engine },
  { architecture, config, weights }: LiveModel,
  rows: readonly HostBatch[],
  shape: readonly [rows: number, length: number],
): Promise<Int32Array[]> {
  const state: EngineState = await engine.createState(weights);
  try {
    const subject = { architecture, config: config.hyperparameters, specs: specsOf(weights) };
    const forwards = new Forwards(engine, subject, state);
    const program = await forwards.compile('likeliest', shape, (pass) => ({
      id: tf.cast(tf.argMax(answerLogits(pass), 2), 'int32'),
    }));
    try {
      const found: Int32Array[] = [];
      for (const { ids, segments } of rows)
        found.push((await forwards.run(program, { ids, segments }))['id']!.data as Int32Array);
      return found;
    } finally {
      await program.dispose();
    }
  } finally {
    await state.dispose();
  }
}

/** Share of the places with a target at which two models find the same token likeliest. */
export async function agreementOf(
  run: { readonly engine: Engine; readonly text: Pick<ScoringData, 'holdout'> },
  one: LiveModel,
  other: LiveModel,
): Promise<number | null> {
  const { batches, rows, length } = run.text.holdout;
  const [a, b] = [
    await likeliest(run, one, batches, [rows, length]),
    await likeliest(run, other, batches, [rows, length]),
  ];
  let [same, all] = [0, 0];
  for (const [i, { targets }] of batches.entries())
    for (let at = 0; at < targets.length; at++)
      if (targets[at]! >= 0) {
        all++;
        if (a[i]![at] === b[i]![at]) same++;
      }
  return all === 0 ? null : same / all;
}
