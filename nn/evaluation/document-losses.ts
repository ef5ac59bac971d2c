import type { Engine, EngineState, Program } from '../../core/contracts/engine.js';
import type { Document } from '../data/index.js';
import { answerLogits } from '../models/index.js';
import { evaluationSet, type EvaluationSet } from './evaluation-set.js';
import { Forwards, type ForwardSubject } from './forwards.js';
import type { UnitSum } from './intervals.js';
import { scoreStep } from './step-scores.js';

export interface LossShape {
  /** Rows per batch, and tokens per row. */
  readonly rows: number;
  readonly length: number;
  /** Recursion step (1-based) whose answer is scored; the last one where nothing is said. */
  readonly step?: number;
}

/** Negative log-likelihood of documents under one model, document by document; compiled once. */
export class DocumentLosses {
  private constructor(
    private readonly forwards: Forwards,
    private readonly program: Program,
    private readonly shape: LossShape,
    private readonly padId: number,
  ) {}

  /** @param padId fills rows up; nothing is predicted there */
  static async create(
    engine: Engine,
    subject: ForwardSubject,
    state: EngineState,
    shape: LossShape,
    padId: number,
  ): Promise<DocumentLosses> {
    const { rows, length, step } = shape;
    const forwards = new Forwards(engine, subject, state);
    const program = await forwards.compile(
      `document-losses-${rows}x${length}`,
      [rows, length],
      (pass, { targets }) => ({ nll: scoreStep(answerLogits(pass), targets!).nll }),
      { targets: { shape: [rows, length], dtype: 'int32' } },
      step === undefined ? {} : { step },
    );
    return new DocumentLosses(forwards, program, shape, padId);
  }

  /** Documents, none longer than a row, as batches of this shape; several may share a row. */
  pack(documents: readonly Document[]): EvaluationSet {
    const { rows, length } = this.shape;
    const scored = documents.map((document) => ({ ...document, answerStart: null }));
    return evaluationSet(scored, { rows, length, padId: this.padId });
  }

  /**
   * @param onBatch told how many batches are done; what it throws ends the work
   * @returns per document its negative log-likelihood in nats, and over how many tokens that is
   */
  async score(
    { batches, documents }: EvaluationSet,
    onBatch: (done: number) => void | Promise<void> = () => undefined,
  ): Promise<readonly UnitSum[]> {
    const sums = documents.map(() => ({ sum: 0, count: 0 }));
    const places = batches.map((): number[] => []);
    documents.forEach(({ batch }, i) => places[batch]!.push(i));
    for (const [index, { ids, targets, segments }] of batches.entries()) {
      const { nll } = await this.forwards.run(this.program, { ids, targets, segments });
      for (const i of places[index]!) {
        const { start, length } = documents[i]!;
        for (let at = start; at < start + length; at++) {
          if (targets[at]! < 0) continue;
          sums[i]!.sum += nll!.data[at]!;
          sums[i]!.count += 1;
        }
      }
      await onBatch(index + 1);
    }
    return sums;
  }

  async dispose(): Promise<void> {
    await this.program.dispose();
  }
}
