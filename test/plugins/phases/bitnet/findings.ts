import type { TensorDescription } from '../../../../core/contracts/architecture.js';
import type { TensorFormat } from '../../../../core/contracts/quantization.js';
import type { HostTensor } from '../../../../core/contracts/tensor.js';
import type { Findings } from '../../../../plugins/phases/bitnet/conclude.js';
import type { PackedModel, PackedTensor } from '../../../../plugins/phases/shared/quantized/pack.js';
import type { Measured } from '../../../../plugins/phases/bitnet/run.js';
import { theaterReport, type TheaterReport } from '../../../../plugins/phases/shared/theater/index.js';
import { examined, record } from '../quietstar/support.js';

const init = { kind: 'constant', value: 0 } as const;
const formats: Readonly<Record<string, TensorFormat>> = {
  table: { use: 'int8' },
  up: { use: 'ternary' },
};

const tensor = (shape: readonly number[], data: readonly number[]): HostTensor => ({
  shape,
  dtype: 'float32',
  data: Float32Array.from(data),
});

function held(
  description: Omit<TensorDescription, 'init'>,
  format: TensorFormat,
  bytes: number,
): PackedTensor {
  const { shape } = description;
  return {
    tensor: { ...description, init },
    format,
    compressed: { shape, bytes: new Uint8Array(bytes), header: {} },
  };
}

/** A table in bytes, a matrix in ternary codes of which three of eight are zero, a gate as half floats, a gain. */
export function packedModel(): PackedModel {
  return {
    quantization: { weights: 'applied', activations: 'int8', epsilon: 1e-5, norms: [], formats },
    tensors: [
      held({ name: 'table', shape: [4, 2], role: 'embedding' }, formats['table']!, 12),
      held({ name: 'up', shape: [2, 4], role: 'ffn-up', linear: true }, formats['up']!, 6),
      held({ name: 'gate', shape: [2, 2], role: 'gate', linear: true }, { use: 'float16' }, 8),
      held({ name: 'gain', shape: [2], role: 'norm' }, { use: 'float32' }, 8),
    ],
    weights: {
      table: tensor([4, 2], [0, 0, 0, 0, 1, 1, 1, 1]),
      up: tensor([2, 4], [0.5, 0, -0.5, 0, -0, 0.5, 0.5, -0.5]),
      gate: tensor([2, 2], [0, 0, 0, 1]),
      gain: tensor([2], [1, 1]),
    },
    bytes: new Uint8Array(50),
  };
}

/** @param right share of right answers after a thought @param ppl perplexity of text */
export function measured(ppl: number, right: number | null): Measured {
  return {
    losses: { text: Math.log(ppl), questions: 1.25 },
    answers: { items: 4, with: right, without: 0.25 },
  };
}

/** Perplexities 10, 20 and 12; right answers 0.8, 0.1 and 0.6. */
export function findings(changes: Partial<Findings> = {}): Findings {
  return {
    before: measured(10, 0.8),
    untrained: measured(20, 0.1),
    after: measured(12, 0.6),
    start: { seconds: 3, outliers: { title: 'outliers', columns: ['a'], rows: [] } },
    recovered: { gradientFlow: { matrices: 2, cut: [] } },
    mixed: { sensitivity: null, allocation: null },
    packed: packedModel(),
    agreement: 0.99,
    speed: { float: 0.02, packed: 0.01, ratio: 2, runs: 5, tokens: 16 },
    memory: { ratio: 3 },
    ...changes,
  } as Findings;
}

/** Of sixty questions, by the letters of {@link examined}. */
export function theater(arms: { readonly with: string; readonly without: string } | null): TheaterReport {
  if (arms === null) return theaterReport({ arms: examined([], {}).arms });
  const records = Array.from({ length: 60 }, () => record());
  const all = Object.entries(arms).map(([arm, letter]) => [arm, letter.repeat(60)] as const);
  return theaterReport({ arms: examined(records, Object.fromEntries(all)).arms }, { resamples: 200 });
}
