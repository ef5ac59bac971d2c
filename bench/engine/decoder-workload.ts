import { decoderStart, decoderStep, type DecoderShape } from '../../testing/fixtures/decoder.js';
import { countParameters, patternedIds, type Tfjs, type Workload } from './workload.js';

/** 4,259,840 parameters, 1,024 tokens per step. */
const DECODER_4M: DecoderShape = {
  vocabulary: 4096,
  width: 256,
  layers: 4,
  heads: 4,
  hidden: 704,
  rows: 4,
  length: 256,
};

/** The same operators at a size that takes no time: to warm an engine up. */
const TINY: DecoderShape = {
  ...DECODER_4M,
  vocabulary: 64,
  width: 32,
  layers: 1,
  hidden: 32,
  rows: 1,
  length: 16,
};

/** A plain decoder: forward, backward and gradient descent. */
export function decoderWorkload(tf: Tfjs, size: '4m' | 'tiny'): Workload {
  const shape = size === '4m' ? DECODER_4M : TINY;
  const start = decoderStart(shape, 1);
  const tokensPerStep = shape.rows * shape.length;
  return {
    title: `decoder ${size}`,
    parameters: countParameters(start),
    tokensPerStep,
    ...decoderStep(tf, shape),
    start,
    inputs: () => ({
      ids: patternedIds(tokensPerStep, shape.vocabulary),
      targets: patternedIds(tokensPerStep, shape.vocabulary, 1),
      learningRate: Float32Array.of(0.5),
    }),
  };
}
