import * as tf from '@tensorflow/tfjs';
import type { Tensor, Tensor1D, Tensor2D, Tensor4D } from '@tensorflow/tfjs';
import type { Engine, EngineState, Program } from '../../core/contracts/engine.js';
import type { ForwardFunction } from '../../core/contracts/objective.js';
import type { HostTensor, TensorDict, TensorMap } from '../../core/contracts/tensor.js';
import { linearCrossEntropy, linearDivergence } from '../losses/index.js';
import type { ProgramSource } from '../training/programs.js';
import { fromGroup, inGroup, specsOf } from '../training/state.js';
import { lastStep, thoughtPass, type ThoughtPass } from './forward.js';
import { contentOf, perThought, thoughtsPerRow, type ThoughtRows, type ThoughtShape } from './layout.js';
import { hasMixingHead, mixFeatures, mixingWeight } from './mixing-head.js';
import type { TextRows, ThinkingModel } from './positions.js';
import type { SampledThoughts } from './sample.js';
import { neverChosen, sayableHead, type ThoughtVocabulary } from './vocabulary.js';

/**
 * A program that reads text without thoughts: `entropy` (H / ln V), `nll` and `correct`, each [B, L], of the last recursion
 * step. Inputs `ids`, `targets` and `segments`; weights are `param/<tensor>`.
 */
export function textMeasuresSource(model: ThinkingModel, rows: number, length: number): ProgramSource {
  const row = { shape: [rows, length], dtype: 'int32' as const };
  return {
    spec: {
      name: 'measure-text',
      inputs: { ids: row, targets: row, segments: row },
      state: inGroup('param', model.specs),
    },
    fn: ({ ids, targets, segments }, state) => {
      const input = { ids: ids as Tensor2D, segments: segments as Tensor2D };
      const pass = model.architecture.forward(model.config, fromGroup('param', state), input);
      const features = tf.reshape(lastStep(pass.features), [rows * length, -1]) as Tensor2D;
      const weights = tf.ones([rows * length]) as Tensor1D;
      const flat = tf.reshape(targets!, [-1]) as Tensor1D;
      const { nll, correct } = linearCrossEntropy({ features, table: pass.head, targets: flat, weights });
      const { values } = linearDivergence({ features, table: pass.head }, null, weights);
      const entropy = tf.div(values, -Math.log(pass.head.shape[0]));
      const grid = (x: Tensor): Tensor => tf.reshape(x, [rows, length]);
      return { outputs: { entropy: grid(entropy), nll: grid(nll), correct: grid(correct) } };
    },
  };
}

/** What thoughts do to what comes after them; arrays row-major, M = P N thoughts per row. */
export interface ThoughtMeasures {
  /** [B M]: cosine of the mean of the features of the thought's tokens and of the feature h0[j]; 0 without tokens. */
  readonly cosine: Float32Array;
  /** [B M]: mean ln p(c_t) over the tokens of the thought, among what thoughts may say; 0 without tokens. */
  readonly logProbability: Float32Array;
  /** [B M A]: ln p(x_(j+1+a)) after the thought, mixed where the model has a mixing head. */
  readonly after: Float32Array;
  /** [B M A]: the same without the thought. */
  readonly without: Float32Array;
  /** [B M A]: 1 where no token was likelier than the right one. */
  readonly correctAfter: Float32Array;
  readonly correctWithout: Float32Array;
  /** [B M A]: mixing weight; 1 without a mixing head. */
  readonly weight: Float32Array;
  /** [B M A]: 1 where the token counts. */
  readonly counts: Float32Array;
}

/** A program that gives {@link ThoughtMeasures}; weights, with those of the mixing head if any, are `param/<tensor>`. */
export function thoughtMeasuresSource(model: ThinkingModel, meter: MeterShape): ProgramSource {
  const { shape, rows, markers } = meter;
  const row = { shape: [rows, shape.base], dtype: 'int32' as const };
  const count = thoughtsPerRow(shape);
  return {
    spec: {
      name: 'measure-thoughts',
      inputs: {
        ...{ ids: row, targets: row, segments: row },
        places: { shape: [rows, shape.positions], dtype: 'int32' },
        thoughts: { shape: [rows, count * shape.length], dtype: 'int32' },
        lengths: { shape: [rows, count], dtype: 'int32' },
      },
      state: inGroup('param', model.specs),
    },
    fn: (inputs, state) => {
      const params = fromGroup('param', state);
      const named = inputs as Record<keyof ThoughtRows, Tensor2D>;
      const forward: ForwardFunction = (weights, input, options) =>
        model.architecture.forward(model.config, weights, input, options);
      const pass = thoughtPass({ forward, params }, shape, markers, named);
      return {
        outputs: {
          ...talkMeasures(pass, shape, params),
          logProbability: saidLogProbability(pass, named, meter),
          cosine: cosineToText(pass, named.lengths, shape),
        },
      };
    },
  };
}

function talkMeasures(pass: ThoughtPass, shape: ThoughtShape, params: TensorMap): Record<string, Tensor> {
  const before = perThought(pass.before, shape) as Tensor4D;
  const mixing = hasMixingHead(params);
  const weight = mixing
    ? mixingWeight(before, pass.talk, params)
    : tf.ones([...pass.talk.shape.slice(0, 3), 1]);
  const mixed = mixing ? mixFeatures(before, pass.talk, weight) : pass.talk;
  const targets = perThought(pass.layout.talkTargets, shape);
  const [after, without] = [score(mixed, pass.head, targets), score(before, pass.head, targets)];
  return {
    after: after.logProbability,
    without: without.logProbability,
    correctAfter: after.correct,
    correctWithout: without.correct,
    weight: tf.reshape(weight, targets.shape),
    counts: tf.cast(tf.greaterEqual(targets, 0), 'float32'),
  };
}

/** @param features [..., r] @param targets int32 [...] */
function score(
  features: Tensor,
  table: Tensor2D,
  targets: Tensor,
): Record<'logProbability' | 'correct', Tensor> {
  const { nll, correct } = linearCrossEntropy({
    features: tf.reshape(features, [targets.size, -1]) as Tensor2D,
    table,
    targets: tf.reshape(targets, [-1]) as Tensor1D,
    weights: tf.ones([targets.size]) as Tensor1D,
  });
  return {
    logProbability: tf.reshape(tf.neg(nll), targets.shape),
    correct: tf.reshape(correct, targets.shape),
  };
}

/** @returns [B, M] */
function saidLogProbability(
  pass: ThoughtPass,
  { thoughts, lengths }: { readonly thoughts: Tensor2D; readonly lengths: Tensor2D },
  meter: MeterShape,
): Tensor {
  const { table, rowsOf } = sayableHead(pass.head, neverChosen(meter));
  const said = tf.reshape(rowsOf(thoughts), [...lengths.shape, meter.shape.length]);
  const content = contentOf(meter.shape, lengths);
  const sum = tf.sum(tf.mul(score(pass.thought, table, said).logProbability, content), 2);
  return tf.div(sum, tf.maximum(tf.sum(content, 2), 1));
}

/** @returns [B, M] */
function cosineToText(pass: ThoughtPass, lengths: Tensor2D, shape: ThoughtShape): Tensor {
  // A sum has the direction of the mean.
  const thought = tf.sum(tf.mul(pass.said, tf.expandDims(contentOf(shape, lengths), 3)), 2);
  const first = tf.slice(perThought(pass.before, shape) as Tensor4D, [0, 0, 0, 0], [-1, -1, 1, -1]);
  const text = tf.reshape(first, thought.shape);
  const norms = tf.mul(tf.norm(thought, 2, 2), tf.norm(text, 2, 2));
  return tf.div(tf.sum(tf.mul(thought, text), 2), tf.maximum(norms, 1e-12));
}

export interface MeterShape extends ThoughtVocabulary {
  readonly shape: ThoughtShape;
  /** B */
  readonly rows: number;
}

/** {@link thoughtMeasuresSource} with weights of its own: frozen ones for coherence, or those of a model under test. */
export class ThoughtMeter {
  private constructor(
    private readonly program: Program,
    private readonly state: EngineState,
  ) {}

  static async create(
    engine: Engine,
    model: Pick<ThinkingModel, 'architecture' | 'config'>,
    weights: TensorDict,
    shape: MeterShape,
  ): Promise<ThoughtMeter> {
    const { fn, spec } = thoughtMeasuresSource({ ...model, specs: specsOf(weights) }, shape);
    const program = await engine.compile(fn, spec);
    return new ThoughtMeter(program, await engine.createState(inGroup('param', weights)));
  }

  async measure(text: TextRows, places: Int32Array, thoughts: SampledThoughts): Promise<ThoughtMeasures> {
    const { ids, targets, segments } = text;
    const outputs = await this.program.run(
      { ...{ ids, targets, segments, places }, thoughts: thoughts.ids, lengths: thoughts.lengths },
      { state: this.state },
    );
    const of = (name: string): Float32Array => (outputs[name] as HostTensor).data as Float32Array;
    return {
      ...{ cosine: of('cosine'), logProbability: of('logProbability') },
      ...{ after: of('after'), without: of('without'), weight: of('weight'), counts: of('counts') },
      ...{ correctAfter: of('correctAfter'), correctWithout: of('correctWithout') },
    };
  }

  async dispose(): Promise<void> {
    await this.program.dispose();
    await this.state.dispose();
  }
}
