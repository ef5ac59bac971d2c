import type { Engine } from '../../../core/contracts/engine.js';
import { expectClose, expectThat } from '../../expect.js';
import { decoderStart, decoderStep, type DecoderShape } from '../../fixtures/decoder.js';
import type { Tfjs } from './operator-case.js';

const SHAPE: DecoderShape = {
  vocabulary: 61,
  width: 32,
  layers: 2,
  heads: 4,
  hidden: 48,
  rows: 2,
  length: 16,
};
const STEPS = 6;
const TOLERANCE = 1e-4;

/**
 * Several steps of a small decoder, forward, backward and update: the losses fall, and they are those of tfjs's own
 * JavaScript backend.
 */
export async function trainsAsTfjsDoes(engine: Engine, tf: Tfjs): Promise<void> {
  const { fn, spec } = decoderStep(tf, SHAPE);
  const batch = decoderBatch(SHAPE);
  const program = await engine.compile(fn, spec);
  const state = await engine.createState(decoderStart(SHAPE, 3));
  const losses: number[] = [];
  for (let i = 0; i < STEPS; i++) losses.push((await program.run(batch, { state }))['loss']!.data[0]!);
  const weights = await state.read(['embedding', '1.down']);
  await state.dispose();
  await program.dispose();
  const expected = reference(tf);
  expectClose(losses, expected.losses, TOLERANCE, 'losses');
  expectThat(losses.at(-1)! < losses[0]! - 0.5, `the loss falls from ${losses[0]}: ${losses.at(-1)}`);
  for (const [name, { data }] of Object.entries(weights))
    expectClose(data, expected.weights[name]!, TOLERANCE, name);
}

/** Ids that repeat with a pattern, and the id that follows each. */
function decoderBatch({ rows, length, vocabulary }: DecoderShape): {
  ids: Int32Array;
  targets: Int32Array;
  learningRate: Float32Array;
} {
  const id = (i: number): number => (i * i * 7 + 3 * i) % vocabulary;
  return {
    ids: Int32Array.from({ length: rows * length }, (_, i) => id(i)),
    targets: Int32Array.from({ length: rows * length }, (_, i) => id(i + 1)),
    learningRate: Float32Array.of(0.5),
  };
}

function reference(tf: Tfjs): { losses: number[]; weights: Record<string, Float32Array> } {
  const { fn, spec } = decoderStep(tf, SHAPE);
  const batch = decoderBatch(SHAPE);
  const previous = tf.getBackend();
  void tf.setBackend('cpu');
  const losses: number[] = [];
  let weights = Object.fromEntries(
    Object.entries(decoderStart(SHAPE, 3)).map(([name, { data, shape }]) => [
      name,
      tf.tensor(data, [...shape]),
    ]),
  );
  for (let i = 0; i < STEPS; i++) {
    const before = weights;
    weights = tf.tidy(() => {
      const inputs = Object.fromEntries(
        Object.entries(spec.inputs).map(([name, { shape, dtype }]) => [
          name,
          tf.tensor(batch[name as keyof typeof batch], [...shape], dtype),
        ]),
      );
      const { outputs, state } = fn(inputs, before, unused);
      losses.push(outputs['loss']!.dataSync()[0]!);
      return { ...state! };
    });
    tf.dispose(before);
  }
  const data = Object.fromEntries(
    Object.entries(weights).map(([name, tensor]) => [name, tensor.dataSync() as Float32Array]),
  );
  tf.dispose(weights);
  if (previous) void tf.setBackend(previous);
  return { losses, weights: data };
}

const unused = { bernoulli: none, uniform: none, normal: none };

function none(): never {
  throw new TypeError('The decoder draws no random numbers.');
}
