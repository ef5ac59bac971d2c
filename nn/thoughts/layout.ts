import * as tf from '@tensorflow/tfjs';
import type { Tensor, Tensor1D, Tensor2D, Tensor3D } from '@tensorflow/tfjs';
import type { Architecture, ForwardInput } from '../../core/contracts/architecture.js';
import { ForgeError } from '../../core/errors/index.js';

/** The sizes of a pass with thoughts; every one of them is frozen into its program. */
export interface ThoughtShape {
  /** L: tokens of a row of text. */
  readonly base: number;
  /** P: places of a row at which the model thinks. */
  readonly positions: number;
  /** N: thoughts at each of them. */
  readonly thoughts: number;
  /** T: most sampled tokens of a thought, without its markers. */
  readonly length: number;
  /** A: tokens of the text that are predicted after a thought. */
  readonly talk: number;
}

/** Ids of the tokens that open and close a thought. */
export interface ThoughtMarkers {
  readonly start: number;
  readonly end: number;
}

/** M = P N: thoughts of a row; the N of one place stand together. */
export function thoughtsPerRow({ positions, thoughts }: ThoughtShape): number {
  return positions * thoughts;
}

/** S = T + A + 1: START, the thought, END, and the A - 1 tokens of the text that follow. */
export function slotsPerThought({ length, talk }: ThoughtShape): number {
  return length + talk + 1;
}

/** L + M S: tokens of a row with the slots of its thoughts. */
export function passLength(shape: ThoughtShape): number {
  return shape.base + thoughtsPerRow(shape) * slotsPerThought(shape);
}

/** B rows of text, where in them the model thinks, and what. */
export interface ThoughtRows {
  /** int32 [B, L] */
  readonly ids: Tensor2D;
  /** int32 [B, L], as in `Batch` */
  readonly targets: Tensor2D;
  /** int32 [B, L], as in `Batch` */
  readonly segments: Tensor2D;
  /** int32 [B, P]: index j of the token after which the model thinks. */
  readonly places: Tensor2D;
  /** int32 [B, P N T]: sampled ids, thought after thought; those after the end of a thought are not looked at. */
  readonly thoughts: Tensor2D;
  /** int32 [B, M]: tokens of each thought, 0..T; T where it is left out. */
  readonly lengths?: Tensor2D;
}

/** One row of text and thoughts as `forward` reads it, and where to find things in it. */
export interface SlotLayout {
  /** Rows of L + M S tokens. */
  readonly input: Required<ForwardInput>;
  /** int32 [B, P, A]: j + a, the token of the text that predicts what the talk predicts. */
  readonly talkPlaces: Tensor3D;
  /** int32 [B, P, A]: the id x_(j+1+a), negative where it does not count. */
  readonly talkTargets: Tensor3D;
  /** float32 [B, P]: 1 where x_(j+A) is still in the document of x_j. */
  readonly inside: Tensor2D;
}

/**
 * Text and thoughts in one row (Zelikman et al. 2024, section 4.2, re-indexed by thought): the L tokens of the text,
 * then M thoughts of S slots. Slot s of a thought after x_j stands at position j + 1 + s and sees the document of x_j up
 * to x_j and the slots of its own thought up to itself; the text sees no slot. A place from which the talk would leave
 * its document is not inside; its slots are there all the same, so that no shape depends on the text.
 *
 * A thought of fewer than T tokens has all its slots too: no slot sees those that are left over, and END and the talk stand
 * at the positions that they would have without them.
 */
export function slotLayout(shape: ThoughtShape, markers: ThoughtMarkers, rows: ThoughtRows): SlotLayout {
  const { base, talk } = shape;
  const at = within(rows.places, base - 1 - talk);
  const talkPlaces = tf.add(tf.expandDims(at, 2), tf.range(0, talk, 1, 'int32')) as Tensor3D;
  const inside = insideDocument(rows, at, talk);
  const wanted = tf.add(perRow(rows.targets, talkPlaces), int(1));
  const counts = tf.cast(tf.expandDims(inside, 2), 'int32');
  return {
    input: {
      ids: tf.concat([rows.ids, slotIds(shape, markers, rows, talkPlaces)], 1),
      segments: tf.concat([rows.segments, perSlot(perRow(rows.segments, at), shape)], 1),
      positions: slotPositions(shape, at, rows.lengths),
      mask: slotMask(shape, at, rows.lengths),
    },
    talkPlaces,
    // One more than the target times whether it counts, less one: -1 where it does not.
    talkTargets: tf.sub(tf.mul(tf.maximum(wanted, int(0)), counts), int(1)) as Tensor3D,
    inside,
  };
}

/** float32 [B, M, T]: 1 for the tokens of thoughts, 0 for what is left over. @param lengths int32 [B, M] */
export function contentOf({ length }: ThoughtShape, lengths: Tensor2D): Tensor3D {
  const order = tf.range(0, length, 1, 'int32');
  return tf.cast(tf.less(order, tf.expandDims(lengths, 2)), 'float32') as Tensor3D;
}

/** Elements of each row. @param x [B, L] @param at int32 [B, ...], each in 0..L-1 @returns [B, ...] */
export function perRow(x: Tensor2D, at: Tensor): Tensor {
  return tf.reshape(tf.gather(tf.reshape(x, [-1]), flatPlaces(x.shape, at)), at.shape);
}

/** Places of rows as places of the rows laid end to end. @param at int32 [B, ...] @returns int32 [n] */
export function flatPlaces([rows, length]: readonly [number, number], at: Tensor): Tensor1D {
  const starts = tf.range(0, rows * length, length, 'int32');
  return tf.reshape(tf.add(tf.expandDims(starts, 1), tf.reshape(at, [rows, -1])), [-1]);
}

/** What each place says, for each of its thoughts. @param x [B, P, ...] @returns [B, P N, ...] */
export function perThought(x: Tensor, { thoughts }: ThoughtShape): Tensor {
  const [rows, positions, ...others] = x.shape as [number, number, ...number[]];
  const repeated = tf.tile(tf.reshape(x, [rows * positions, 1, -1]), [1, thoughts, 1]);
  return tf.reshape(repeated, [rows, positions * thoughts, ...others]);
}

/** @param x [B, P] @returns [B, P N S] */
function perSlot(x: Tensor, shape: ThoughtShape): Tensor2D {
  const each = tf.tile(tf.expandDims(perThought(x, shape), 2), [1, 1, slotsPerThought(shape)]);
  return tf.reshape(each, [x.shape[0]!, -1]);
}

/** Places that the arithmetic of a pass can stand on; the others are not inside. */
function within(places: Tensor2D, last: number): Tensor2D {
  return tf.minimum(tf.maximum(places, int(0)), int(Math.max(0, last)));
}

function insideDocument({ places, segments }: ThoughtRows, at: Tensor2D, talk: number): Tensor2D {
  const same = tf.equal(perRow(segments, at), perRow(segments, tf.add(at, int(talk))));
  return tf.cast(tf.logicalAnd(same, tf.equal(places, at)), 'float32') as Tensor2D;
}

/**
 * START, the thought, END and x_(j+1)..x_(j+A-1) of every thought. Left over slots hold END: what a model measures over a
 * whole row must not depend on what was there.
 *
 * @returns int32 [B, M S]
 */
function slotIds(
  shape: ThoughtShape,
  { start, end }: ThoughtMarkers,
  { ids, thoughts, lengths }: ThoughtRows,
  talkPlaces: Tensor3D,
): Tensor2D {
  const [rows] = ids.shape;
  const count = thoughtsPerRow(shape);
  const marker = (id: number): Tensor => tf.fill([rows, count, 1], id, 'int32');
  const said = tf.reshape(thoughts, [rows, count, shape.length]);
  const content =
    lengths === undefined ? said : tf.where(tf.cast(contentOf(shape, lengths), 'bool'), said, int(end));
  const parts = [marker(start), content, marker(end)];
  if (shape.talk > 1) {
    const fed = tf.slice(perThought(talkPlaces, shape) as Tensor3D, [0, 0, 1], [-1, -1, -1]);
    parts.push(perRow(ids, fed));
  }
  return tf.reshape(tf.concat(parts, 2), [rows, -1]);
}

/** @returns int32 [B, L + M S] */
function slotPositions(shape: ThoughtShape, at: Tensor2D, lengths?: Tensor2D): Tensor2D {
  const [rows] = at.shape;
  const text = tf.tile(tf.expandDims(tf.range(0, shape.base, 1, 'int32'), 0), [rows, 1]);
  const after = tf.range(1, 1 + slotsPerThought(shape), 1, 'int32');
  const all = tf.add(tf.expandDims(perThought(at, shape), 2), after);
  const slots = lengths === undefined ? all : tf.sub(all, missingBefore(shape, lengths));
  return tf.concat([text, tf.reshape(slots, [rows, -1])], 1) as Tensor2D;
}

/** How far END and what follows it move back: by what a thought is short of T tokens. @returns int32 [B, M, S] */
function missingBefore(shape: ThoughtShape, lengths: Tensor2D): Tensor3D {
  const missing = tf.sub(int(shape.length), tf.sum(contentOf(shape, lengths), 2, true));
  const follows = tf.greater(tf.range(0, slotsPerThought(shape), 1, 'int32'), int(shape.length));
  return tf.mul(tf.cast(missing, 'int32'), tf.cast(follows, 'int32')) as Tensor3D;
}

/** What a slot sees besides its document and the order of the row. @returns float32 [B, L + M S, L + M S] */
function slotMask(shape: ThoughtShape, at: Tensor2D, lengths?: Tensor2D): Tensor3D {
  const [rows] = at.shape;
  const { base } = shape;
  const slots = passLength(shape) - base;
  const text = tf.expandDims(tf.expandDims(tf.range(0, base, 1, 'int32'), 0), 0);
  const before = tf.cast(tf.lessEqual(text, tf.expandDims(perSlot(at, shape), 2)), 'float32');
  const thought = Array.from({ length: slots }, (_, i) => Math.floor(i / slotsPerThought(shape)));
  const owner = tf.tensor1d(thought, 'int32');
  const own = tf.cast(tf.equal(tf.expandDims(owner, 1), tf.expandDims(owner, 0)), 'float32');
  const seen = lengths === undefined ? own : tf.mul(own, notLeftOver(shape, lengths));
  const upper = tf.concat([tf.ones([rows, base, base]), tf.zeros([rows, base, slots])], 2);
  const slotsSeen = seen.rank === 3 ? seen : tf.tile(tf.expandDims(seen, 0), [rows, 1, 1]);
  const lower = tf.concat([before, slotsSeen], 2);
  return tf.concat([upper, lower], 1) as Tensor3D;
}

/** 0 where a slot (second) would see another that is left over (third). @returns float32 [B, M S, M S] */
function notLeftOver(shape: ThoughtShape, lengths: Tensor2D): Tensor {
  const [rows, count] = lengths.shape;
  const marker = tf.ones([rows, count, 1]);
  const parts = [marker, contentOf(shape, lengths), tf.ones([rows, count, shape.talk])];
  const holds = tf.reshape(tf.concat(parts, 2), [rows, 1, -1]);
  // A slot that nothing sees still sees itself: a softmax over nothing would be one over everything.
  return tf.maximum(holds, tf.eye(count * slotsPerThought(shape)));
}

/** A plain number would be float32, and so would what it is added to. */
function int(value: number): Tensor {
  return tf.scalar(value, 'int32');
}

/**
 * Refuse a shape that a model cannot think in, before anything is compiled.
 *
 * @throws ForgeError AF_CONFIG_INVALID naming the sizes that do not fit
 */
export function requireThoughtsFit(shape: ThoughtShape, contextLength: number): void {
  const { base, length, talk } = shape;
  const wrong = Object.entries(shape).find(([, size]) => !Number.isInteger(size) || size < 1);
  if (wrong !== undefined)
    throw new ForgeError('AF_CONFIG_INVALID', `The size ${wrong[0]} of thoughts is ${String(wrong[1])}.`, {
      at: `thoughts.${wrong[0]}`,
      fix: 'Every size is a whole number of at least 1.',
    });
  if (talk >= base)
    throw new ForgeError('AF_CONFIG_INVALID', 'No place of a row has so much text after it.', {
      at: 'thoughts.talk',
      fix: `Predict fewer than the ${base} tokens of a row after a thought.`,
      facts: { base, talk },
    });
  // The last place is base - 1 - talk, and its last slot stands length + talk + 1 after it.
  const needed = base + length + 1;
  if (needed <= contextLength) return;
  throw new ForgeError('AF_CONFIG_INVALID', 'A row and a thought are longer than the context of the model.', {
    at: 'thoughts.length',
    fix: `Keep the tokens of a row and of a thought, together, below ${contextLength}.`,
    facts: { base, length, needed, contextLength },
  });
}

/**
 * Bytes that a training pass with thoughts holds at its peak: what the architecture says of rows of L + M S tokens, and
 * the square masks and scores, which a window makes no smaller here. An estimate; null where the architecture has none.
 */
export function thoughtMemoryBytes(
  architecture: Architecture,
  config: unknown,
  shape: ThoughtShape,
  rows: number,
): number | null {
  const length = passLength(shape);
  const own = architecture.memoryBytes?.(config, { rows, length, training: true });
  if (own === undefined) return null;
  const heads = architecture.attentions(config).reduce((sum, site) => sum + site.heads, 0);
  return own + 4 * rows * length * length * (SQUARE_MASKS + heads);
}

/** The mask, the documents, their product, the additive form, distances and decays: what is made once per pass. */
const SQUARE_MASKS = 8;
