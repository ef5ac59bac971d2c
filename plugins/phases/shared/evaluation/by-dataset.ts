import { averageEvaluations, type EvaluationResult, type Trainer } from '../../../../nn/training/index.js';
import type { Corpus } from '../data/corpus.js';

/** Held-out losses of one model. */
export interface DatasetEvaluation {
  /** Mean over the targets of all datasets. */
  readonly all: EvaluationResult;
  /** Cross-entropy of each dataset that has something held out, nats. */
  readonly byDataset: Readonly<Record<string, number>>;
}

/**
 * Averaged weights on the held-out rows of every dataset.
 * @param onBatch told how many batches are done, of all datasets together
 * @throws ForgeError AF_INTERNAL when nothing held out has a target: `requireTargets` tells users before
 */
export async function evaluateByDataset(
  trainer: Trainer,
  { sets }: Corpus,
  onBatch: (done: number) => void | Promise<void> = () => undefined,
): Promise<DatasetEvaluation> {
  const results: EvaluationResult[] = [];
  const byDataset: Record<string, number> = {};
  let before = 0;
  for (const { name, heldOut } of sets.filter(({ heldOutTargets }) => heldOutTargets > 0)) {
    const first = before;
    const result = await trainer.evaluate('ema', heldOut, (done) => onBatch(first + done));
    results.push(result);
    byDataset[name] = result.crossEntropy;
    before += heldOut.length;
  }
  return { all: averageEvaluations(results), byDataset };
}
