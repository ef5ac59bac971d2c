import { FITNESS, type FitnessTerm, type MeasuredModel } from '../../../../core/contracts/evolution.js';
import type { Engine, EngineState } from '../../../../core/contracts/engine.js';
import type { PhaseContext } from '../../../../core/contracts/phase.js';
import type { TensorDict } from '../../../../core/contracts/tensor.js';
import {
  flopsPerTokenAtStep,
  Forwards,
  outputDivergence,
  Predictor,
  Scorer,
  type DocumentScore,
  type EvaluationSet,
  type ForwardSubject,
} from '../../../../nn/evaluation/index.js';
import type { Constants } from '../family/constants.js';
import type { Family } from '../family/family.js';
import type { EvomergeOptions } from '../options.js';

/** What was measured of one model on one set; JSON. */
export interface Measured extends Omit<MeasuredModel, 'own'>, DocumentScore {
  /** By fitness term: what the term measured itself. */
  readonly own: Readonly<Record<string, number | null>>;
}

/** A fitness term with its name and weight. */
export interface WeightedTerm {
  readonly name: string;
  readonly weight: number;
  readonly term: FitnessTerm;
}

/** The terms that count. */
export function fitnessTerms(ctx: Pick<PhaseContext, 'resolve'>, options: EvomergeOptions): WeightedTerm[] {
  return Object.entries(options.fitness)
    .filter(([, weight]) => weight > 0)
    .map(([name, weight]) => ({ name, weight, term: ctx.resolve(FITNESS, name) }));
}

/** Scores weights on documents: one set of tensors on the engine, one compiled program per set of constants. */
export class Evaluator {
  private readonly scorers = new Map<string, Promise<Scorer>>();
  private predictor: Predictor | null = null;
  private readonly clock = { tokens: 0, seconds: 0 };

  private constructor(
    private readonly engine: Engine,
    private readonly family: Family,
    private readonly terms: readonly WeightedTerm[],
    private readonly state: EngineState,
    /** Operations per token of the matrix products at each step; null where the engine does not count. */
    readonly stepFlops: readonly number[] | null,
  ) {}

  static async open(
    engine: Engine,
    family: Family,
    terms: readonly WeightedTerm[],
    length: number,
  ): Promise<Evaluator> {
    const state = await engine.createState(family.base);
    const subject = {
      architecture: family.architecture,
      config: family.constants.hyperparameters,
      specs: family.specs,
    };
    const stepFlops = await flopsPerTokenAtStep(new Forwards(engine, subject, state), length);
    return new Evaluator(engine, family, terms, state, stepFlops);
  }

  /** @param constants those of the family unless the model has its own */
  async measure(
    weights: TensorDict,
    set: EvaluationSet,
    constants: Constants = this.family.constants,
  ): Promise<Measured> {
    const scorer = await this.scorer(constants, set);
    await this.state.write(weights);
    const before = performance.now();
    const score = await scorer.score(set, constants.halt);
    this.clock.seconds += (performance.now() - before) / 1000;
    this.clock.tokens += set.batches.length * set.rows * set.length;
    const own: Record<string, number | null> = {};
    for (const { name, term } of this.terms) {
      if (term.measure === undefined) continue;
      const { architecture, tensors } = this.family;
      const config = constants.hyperparameters;
      own[name] = await term.measure({ engine: this.engine, architecture, config, tensors, weights });
    }
    return { ...this.summary(score, weights), own };
  }

  /** Positions scored per second so far, by the clock: for people, never for fitness. Null before the first. */
  get tokensPerSecond(): number | null {
    return this.clock.seconds === 0 ? null : this.clock.tokens / this.clock.seconds;
  }

  /** Mean Jensen-Shannon divergence between the predictions of models on the first batch of a set, nats. */
  async functionalDiversity(
    models: readonly TensorDict[],
    { batches, rows, length }: EvaluationSet,
  ): Promise<number> {
    this.predictor ??= await Predictor.create(
      new Forwards(this.engine, this.subject(), this.state),
      rows,
      length,
    );
    const predictions: Float32Array[][] = [];
    for (const weights of models) {
      await this.state.write(weights);
      predictions.push(await this.predictor.predict(batches[0]!));
    }
    const pairs = predictions.flatMap((a, i) => predictions.slice(i + 1).map((b) => outputDivergence(a, b)));
    return pairs.reduce((sum, divergence) => sum + divergence, 0) / pairs.length;
  }

  async dispose(): Promise<void> {
    await this.predictor?.dispose();
    for (const scorer of this.scorers.values()) await (await scorer).dispose();
    await this.state.dispose();
  }

  private summary(score: DocumentScore, weights: TensorDict): Omit<Measured, 'own'> {
    const tokens = score.tokensAtStep.reduce((sum, count) => sum + count, 0);
    const perToken = (of: (step: number) => number): number =>
      score.tokensAtStep.reduce((sum, count, k) => sum + count * of(k), 0) / tokens;
    return {
      ...score,
      perplexity: Math.exp(score.nll / score.targets),
      accuracy: score.answers === 0 ? null : score.correctAnswers / score.answers,
      answerProbability: score.answers === 0 ? null : score.expectedAnswers / score.answers,
      averageSteps: perToken((k) => k + 1),
      flopsPerToken: this.stepFlops === null ? null : perToken((k) => this.stepFlops![k]!),
      bytes: Object.values(weights).reduce((sum, { data }) => sum + data.byteLength, 0),
    };
  }

  private scorer(constants: Constants, { rows, length }: EvaluationSet): Promise<Scorer> {
    const key = `${rows}x${length} ${constants.key}`;
    let scorer = this.scorers.get(key);
    if (scorer === undefined) {
      scorer = Scorer.create(this.engine, this.subject(constants), this.state, [rows, length]);
      this.scorers.set(key, scorer);
    }
    return scorer;
  }

  private subject({ hyperparameters }: Constants = this.family.constants): ForwardSubject {
    return { architecture: this.family.architecture, config: hyperparameters, specs: this.family.specs };
  }
}
