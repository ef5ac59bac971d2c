import * as tf from '@tensorflow/tfjs';
import type { Scalar, Tensor, Tensor1D, Tensor2D, Tensor3D, Tensor4D } from '@tensorflow/tfjs';
import type { Forward } from '../../core/contracts/architecture.js';
import type { Objective, ObjectiveInput } from '../../core/contracts/objective.js';
import type { TensorMap, TensorSpecs } from '../../core/contracts/tensor.js';
import { linearCrossEntropy, linearDivergence, meanWeights } from '../losses/index.js';
import { nextToken } from '../objectives/index.js';
import { lastStep, thoughtPass, type ThoughtPass } from './forward.js';
import { contentOf, perThought, thoughtsPerRow, type ThoughtRows, type ThoughtShape } from './layout.js';
import { hasMixingHead, mixFeatures, mixingWeight } from './mixing-head.js';
import { rewardThoughts, type Rewards } from './reward.js';
import { neverChosen, sayableHead, type ThoughtVocabulary } from './vocabulary.js';

/** As thoughts are sampled, so they are judged: `excluded` and `ending` are those of the sampler. */
export interface QuietStarOptions extends ThoughtVocabulary {
  readonly shape: ThoughtShape;
  readonly baseWeight: number;
  readonly talkWeight: number;
  /** The policy term is of softmax(logits / this); thoughts are sampled at 1. */
  readonly reinforceTemperature: number;
  /** Drop advantages below 0. */
  readonly clampAdvantages: boolean;
  /** What the text alone is trained on; default next token, with deep supervision and halting where there are any. */
  readonly base?: Objective;
}

/** The inputs of a step besides its batch, by name: what changes from step to step. */
export interface ThoughtExtras {
  /** int32 [B, P] */
  readonly places: Tensor2D;
  /** int32 [B, P N T] */
  readonly thoughts: Tensor2D;
  /** int32 [B, P N]: tokens of each thought, 0..T. */
  readonly lengths: Tensor2D;
  /** float32 [B, P]: 1 where the place counts. */
  readonly valid: Tensor2D;
  /** Scale of the rewards, see `RewardScale`; 0 where it is not known yet. */
  readonly rewardSpread: Scalar;
  /** What an advantage must be above to count, in spreads. */
  readonly rewardThreshold: Scalar;
  /** l_pg; 0 while the mixing head warms up. */
  readonly policyWeight: Scalar;
  /** b_KL */
  readonly klWeight: Scalar;
  /** l_H */
  readonly entropyWeight: Scalar;
}

/** Specs of {@link ThoughtExtras} for `TrainingModel.extras`. */
export function thoughtExtras(shape: ThoughtShape, rows: number): TensorSpecs {
  const scalar = { shape: [], dtype: 'float32' as const };
  return {
    places: { shape: [rows, shape.positions], dtype: 'int32' },
    thoughts: { shape: [rows, thoughtsPerRow(shape) * shape.length], dtype: 'int32' },
    lengths: { shape: [rows, thoughtsPerRow(shape)], dtype: 'int32' },
    valid: { shape: [rows, shape.positions], dtype: 'float32' },
    ...{ rewardSpread: scalar, rewardThreshold: scalar },
    ...{ policyWeight: scalar, klWeight: scalar, entropyWeight: scalar },
  };
}

/**
 * Quiet-STaR (Zelikman et al. 2024): baseWeight NLL of the text, talkWeight NLL of what is said after thoughts, l_pg
 * REINFORCE on the thoughts, b_KL KL(p || p_ref) of the text alone against the reference weights, where there are any,
 * and -l_H times the entropy of the thoughts. Where the parameters hold the tensors of a mixing head beside those of the model,
 * what is said after thoughts is mixed with what is said without; else it is said as it is, w = 1.
 */
export function quietStar(options: QuietStarOptions): Objective {
  const base = options.base ?? nextToken();
  return (input) => {
    const extras = input.extras as unknown as ThoughtExtras;
    const { places, thoughts, lengths } = extras;
    const rows: ThoughtRows = { ...input.batch, places, thoughts, lengths };
    const pass = thoughtPass(input, options.shape, options.markers, rows, { context: input.context });
    const text = base({ ...input, forward: () => pass.base });
    const talk = talkTerm(options, pass, input.params, extras);
    const policy = policyTerm(options, pass, extras, talk);
    const divergence = divergenceTerm(input, pass.base);
    const loss = tf.addN([
      tf.mul(text.loss, options.baseWeight),
      tf.mul(talk.loss, options.talkWeight),
      tf.mul(policy.loss, extras.policyWeight),
      tf.mul(policy.negativeEntropy, extras.entropyWeight),
      ...(divergence === null ? [] : [tf.mul(divergence, extras.klWeight)]),
    ]) as Scalar;
    return {
      ...text,
      loss,
      metrics: {
        ...text.metrics,
        'loss/total': loss,
        'rl/total_loss': loss,
        ...talk.metrics,
        ...policy.metrics,
        ...(divergence === null ? {} : { 'rl/kl_divergence': divergence }),
      },
    };
  };
}

/** Inputs of {@link withoutThoughts} besides the batch. */
export const NO_THOUGHT_EXTRAS: TensorSpecs = { klWeight: { shape: [], dtype: 'float32' } };

/**
 * What {@link quietStar} has of the text alone, for a model that is to do without thoughts in the end: baseWeight NLL and
 * b_KL KL(p || p_ref) against the reference weights, where there are any.
 */
export function withoutThoughts({
  base = nextToken(),
  baseWeight,
}: Pick<QuietStarOptions, 'base' | 'baseWeight'>): Objective {
  return (input) => {
    const { params, batch, context } = input;
    const pass = input.forward(params, { ids: batch.ids, segments: batch.segments }, { context });
    const text = base({ ...input, forward: () => pass });
    const divergence = divergenceTerm(input, pass);
    const own = tf.mul(text.loss, baseWeight);
    const pull = divergence === null ? null : tf.mul(divergence, input.extras['klWeight']!);
    const loss = (pull === null ? own : tf.add(own, pull)) as Scalar;
    return {
      ...text,
      loss,
      metrics: {
        ...text.metrics,
        ...{ 'loss/total': loss, 'rl/total_loss': loss },
        ...(divergence === null ? {} : { 'rl/kl_divergence': divergence }),
      },
    };
  };
}

interface TalkTerm {
  readonly loss: Scalar;
  readonly rewards: Rewards;
  /** [B, P, N]: 1 where a token after the thought counts. */
  readonly counting: Tensor3D;
  readonly metrics: Readonly<Record<string, Scalar>>;
}

/** Mean NLL of the talk under the mixed logits, and what each thought was worth by it. */
function talkTerm(
  { shape, clampAdvantages }: QuietStarOptions,
  pass: ThoughtPass,
  params: TensorMap,
  { valid, rewardSpread, rewardThreshold }: ThoughtExtras,
): TalkTerm {
  const { positions, thoughts, talk } = shape;
  const before = perThought(pass.before, shape) as Tensor4D;
  const mixes = hasMixingHead(params);
  const weight = mixes ? mixingWeight(before, pass.talk, params) : tf.onesLike(tf.sum(before, 3, true));
  const counted = tf.cast(tf.expandDims(tf.greater(valid, 0), 2), 'int32');
  const shifted = tf.mul(tf.add(pass.layout.talkTargets, tf.scalar(1, 'int32')), counted);
  const wanted = tf.sub(shifted, tf.scalar(1, 'int32')) as Tensor3D;
  const targets = tf.reshape(perThought(wanted, shape), [-1]) as Tensor1D;
  const weights = meanWeights(targets);
  const scored = (features: Tensor) =>
    linearCrossEntropy({ features: inRows(features), table: pass.head, targets, weights });
  const mixed = scored(mixes ? mixFeatures(before, pass.talk, weight) : pass.talk);
  const alone = scored(before);
  const grid = (x: Tensor): Tensor4D => tf.reshape(x, [valid.shape[0], positions, thoughts, talk]);
  const counts = grid(tf.cast(tf.greaterEqual(targets, 0), 'float32'));
  const rewards = rewardThoughts({
    nll: grid(mixed.nll),
    counts,
    spread: rewardSpread,
    threshold: rewardThreshold,
    clamped: clampAdvantages,
  });
  const mean = (x: Tensor): Scalar => tf.sum(tf.mul(weights, tf.reshape(x, [-1]))) as Scalar;
  return {
    loss: mixed.loss,
    rewards,
    counting: tf.max(counts, 3),
    metrics: {
      'rl/talk_loss': mixed.loss,
      'rl/talk_accuracy': mean(mixed.correct),
      'rl/talk_gain': tf.sub(mean(alone.nll), mean(mixed.nll)) as Scalar,
      'rl/mixing_weight': mean(weight),
    },
  };
}

interface PolicyTerm {
  readonly loss: Scalar;
  readonly negativeEntropy: Scalar;
  readonly metrics: Readonly<Record<string, Scalar>>;
}

/**
 * -advantage sum_t ln softmax(logits / temperature)[c_t] over the tokens of a thought, mean over thoughts that count: one
 * without tokens adds nothing. START and END carry no term: the one is forced, and the other is where the thought is over.
 * The entropy is a mean over the tokens of a thought, and over the thoughts that have any.
 */
function policyTerm(
  options: QuietStarOptions,
  pass: ThoughtPass,
  { thoughts, lengths }: ThoughtExtras,
  { rewards, counting }: TalkTerm,
): PolicyTerm {
  const { table, rowsOf } = sayableHead(pass.head, neverChosen(options));
  const content = contentOf(options.shape, lengths);
  const features = inRows(pass.thought);
  const share = tf.div(counting, tf.maximum(tf.sum(counting), 1)) as Tensor3D;
  const perToken = (x: Tensor): Tensor1D =>
    tf.reshape(tf.mul(tf.reshape(x, [...lengths.shape, 1]), content), [-1]);
  const { loss } = linearCrossEntropy({
    features: tf.div(features, options.reinforceTemperature),
    table,
    targets: rowsOf(tf.reshape(thoughts, [-1])) as Tensor1D,
    weights: perToken(tf.mul(rewards.advantage, share)),
  });
  const own = perToken(entropyShare(counting, content));
  const { loss: negativeEntropy } = linearDivergence({ features, table }, null, own);
  const mean = (x: Tensor): Scalar => tf.sum(tf.mul(share, x)) as Scalar;
  return {
    loss,
    negativeEntropy,
    metrics: {
      'rl/policy_loss': loss,
      'rl/entropy': tf.neg(negativeEntropy),
      'rl/reward': mean(rewards.reward),
      'rl/reward_std': rewards.deviation,
      'rl/advantages': mean(rewards.advantage),
      'rl/num_thoughts': tf.sum(counting) as Scalar,
    },
  };
}

/** What each token of a thought counts in a mean over its tokens, and over thoughts that have any. @returns [B, M] */
function entropyShare(counting: Tensor3D, content: Tensor3D): Tensor {
  const tokens = tf.sum(content, 2);
  const said = tf.mul(tf.reshape(counting, tokens.shape), tf.cast(tf.greater(tokens, 0), 'float32'));
  return tf.div(said, tf.mul(tf.maximum(tokens, 1), tf.maximum(tf.sum(said), 1)));
}

/** KL(p || p_ref) of the text without thoughts, mean over its targets; null without reference weights. */
function divergenceTerm({ forward, reference, batch }: ObjectiveInput, own: Forward): Scalar | null {
  if (Object.keys(reference).length === 0) return null;
  const frozen = forward(reference, { ids: batch.ids, segments: batch.segments }, { peaks: false });
  const answer = ({ features, head }: Forward) => ({ features: inRows(lastStep(features)), table: head });
  return linearDivergence(answer(own), answer(frozen), meanWeights(tf.reshape(batch.targets, [-1]))).loss;
}

/** [..., r] -> [n, r] */
function inRows(x: Tensor): Tensor2D {
  return tf.reshape(x, [-1, x.shape[x.rank - 1]!]);
}
