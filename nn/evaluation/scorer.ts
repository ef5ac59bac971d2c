import type { Tensor } from '@tensorflow/tfjs';
import type { Engine, EngineState, Program } from '../../core/contracts/engine.js';
import type { HostTensor } from '../../core/contracts/tensor.js';
import { allLogits, haltingProbabilities } from '../models/index.js';
import { numbered } from '../numbered.js';
import type { DocumentPlace, EvaluationSet } from './evaluation-set.js';
import { Forwards, type ForwardSubject } from './forwards.js';
import { scoreStep } from './step-scores.js';

/** Chooses the 1-based recursion step to answer with from mean halting probabilities, first step first. */
export type HaltingRule = (probabilities: readonly number[]) => number;

/** Sums over the documents of a set, each answered at the step its halting rule chose. */
export interface DocumentScore {
  /** Total negative log-likelihood, nats. */
  readonly nll: number;
  /** Positions that count. */
  readonly targets: number;
  /** Documents with an answer, and how many of them had every token of it right. */
  readonly answers: number;
  readonly correctAnswers: number;
  /** Sum of the probabilities of the whole answers: how many a model that samples would get right on average. */
  readonly expectedAnswers: number;
  /** Tokens of the documents by the step they stopped at, index 0 is step 1. */
  readonly tokensAtStep: readonly number[];
}

/**
 * Scores models of one shape and one set of constants on packed documents: compiled once, then run with any weights.
 * Working is teacher-forced; a document halts where the mean halting probability of its tokens says so.
 */
export class Scorer {
  private constructor(
    private readonly program: Program,
    private readonly forwards: Forwards,
  ) {}

  /** @param shape rows per batch and tokens per row of every set that will be scored */
  static async create(
    engine: Engine,
    subject: ForwardSubject,
    state: EngineState,
    shape: readonly [rows: number, length: number],
  ): Promise<Scorer> {
    const forwards = new Forwards(engine, subject, state);
    const program = await forwards.compile(
      'score-documents',
      shape,
      (pass, { targets }) => {
        const scores = allLogits(pass).map((logits) => scoreStep(logits, targets!));
        return {
          ...indexed(
            'nll',
            scores.map(({ nll }) => nll),
          ),
          ...indexed(
            'correct',
            scores.map(({ correct }) => correct),
          ),
          ...indexed('halting', haltingProbabilities(pass)),
        };
      },
      { targets: { shape, dtype: 'int32' } },
    );
    return new Scorer(program, forwards);
  }

  /** @param halt without it the last step answers */
  async score(set: EvaluationSet, halt?: HaltingRule): Promise<DocumentScore> {
    const sums = { nll: 0, targets: 0, answers: 0, correctAnswers: 0, expectedAnswers: 0 };
    const tokensAtStep: number[] = [];
    for (const [index, { ids, targets, segments }] of set.batches.entries()) {
      const outputs = await this.forwards.run(this.program, { ids, targets, segments });
      const pass = passOf(outputs);
      while (tokensAtStep.length < pass.nll.length) tokensAtStep.push(0);
      for (const document of set.documents) {
        if (document.batch !== index) continue;
        const step = chosenStep(document, pass, halt);
        addDocument(sums, document, pass, step, targets);
        tokensAtStep[step]! += document.length;
      }
    }
    return { ...sums, tokensAtStep };
  }

  async dispose(): Promise<void> {
    await this.program.dispose();
  }
}

/** One batch's outputs by recursion step. */
interface Pass {
  readonly nll: readonly HostTensor[];
  readonly correct: readonly HostTensor[];
  readonly halting: readonly HostTensor[];
}

function passOf(outputs: Readonly<Record<string, HostTensor>>): Pass {
  return {
    nll: numbered(outputs, 'nll'),
    correct: numbered(outputs, 'correct'),
    halting: numbered(outputs, 'halting'),
  };
}

/** Zero-based. */
function chosenStep({ start, length }: DocumentPlace, { nll, halting }: Pass, halt?: HaltingRule): number {
  const last = nll.length - 1;
  if (halt === undefined || halting.length === 0) return last;
  const means = halting.map(({ data }) => {
    let sum = 0;
    for (let i = start; i < start + length; i++) sum += data[i]!;
    return sum / length;
  });
  return Math.min(last, halt(means) - 1);
}

function addDocument(
  sums: { -readonly [K in keyof Omit<DocumentScore, 'tokensAtStep'>]: number },
  { start, length, answerStart }: DocumentPlace,
  pass: Pass,
  step: number,
  targets: Int32Array,
): void {
  const nll = pass.nll[step]!.data;
  const correct = pass.correct[step]!.data;
  for (let i = start; i < start + length; i++) {
    if (targets[i]! < 0) continue;
    sums.nll += nll[i]!;
    sums.targets += 1;
  }
  if (answerStart === null) return;
  sums.answers += 1;
  // Token a of the document is predicted at the position before it.
  let right = true;
  let surprise = 0;
  for (let i = start + answerStart - 1; i < start + length - 1; i++) {
    right &&= correct[i] === 1;
    surprise += nll[i]!;
  }
  if (right) sums.correctAnswers += 1;
  sums.expectedAnswers += Math.exp(-surprise);
}

function indexed(prefix: string, tensors: readonly Tensor[]): Record<string, Tensor> {
  return Object.fromEntries(tensors.map((tensor, k) => [`${prefix}${k}`, tensor]));
}
