import { COMPRESSOR } from '../../../core/contracts/compressor.js';
import type { ThoughtFacts } from '../../../core/contracts/data-facts.js';
import type { ModelRef } from '../../../core/contracts/model.js';
import type { TensorDict } from '../../../core/contracts/tensor.js';
import { storeModel, type FinishedModel } from '../shared/model/store.js';
import type { CalibratedModel } from '../shared/training/recalibrate.js';
import type { PackedModel } from './pack.js';
import type { BitnetRun } from './prepare.js';
import type { Recovered } from './recover.js';

/** The three forms of the model. */
export interface StoredForms {
  /** Packed codes: what runs. */
  readonly ternary: ModelRef;
  /** The same numbers as half floats, for programs that cannot read codes. */
  readonly twin: ModelRef;
  readonly twinWeights: TensorDict;
  /** Latents with the state of their training, which goes on from them. */
  readonly latent: ModelRef;
}

export interface Storing {
  readonly applied: CalibratedModel;
  readonly packed: PackedModel;
  readonly recovered: Recovered;
  readonly threshold: number;
  /** Measured of the packed model. */
  readonly metrics: Readonly<Record<string, number | null>>;
}

/** Store the model in its three forms. */
export async function storeForms(run: BitnetRun, storing: Storing): Promise<StoredForms> {
  const { ctx } = run;
  const { applied, packed, recovered } = storing;
  const common = commonOf(run, storing);
  const file = await ctx.store.put('model.packed', packed.bytes);
  const sidecars = {
    layer_map: await ctx.store.put('layer-map.json', `${JSON.stringify(layersOf(packed), null, 1)}\n`),
  };
  const shape = { ...applied, config: { ...applied.config } };
  const twinWeights = halved(run, packed.weights);
  const optimizer = await ctx.store.putTensors('training-state.safetensors', recovered.trainingState, {
    metadata: { format: 'pt', content: 'averages and moments of the optimizer' },
  });
  return {
    ternary: await storeModel(ctx, {
      ...{ ...common, name: 'ternary', shape, weights: packed.weights, sidecars },
      ...{ format: 'ternary', file },
    }),
    twin: await storeModel(ctx, {
      ...{ ...common, name: 'ternary-fp16', shape, weights: twinWeights, sidecars, format: 'fp16' },
      storedTypes: Object.fromEntries(Object.keys(twinWeights).map((name) => [name, 'F16' as const])),
    }),
    twinWeights,
    latent: await storeModel(ctx, {
      ...{ ...common, name: 'ternary-latent', weights: recovered.model.weights },
      shape: recovered.model,
      sidecars: { ...sidecars, training_state: optimizer },
    }),
  };
}

function commonOf(
  { teacher, tokenizer, data }: BitnetRun,
  { applied, threshold, metrics }: Storing,
): Pick<FinishedModel, 'tokenizer' | 'halting' | 'thoughts' | 'data' | 'parents' | 'metrics'> {
  const before = teacher.ref.metadata.thoughts;
  const thoughts: ThoughtFacts | null = before ? { ...before, threshold } : null;
  return { tokenizer, halting: applied.halting, thoughts, data, parents: [teacher.ref], metrics };
}

/** What every tensor is held as. */
export function layersOf({ tensors }: PackedModel) {
  return tensors.map(({ tensor: { name, role, shape }, format, compressed }) => ({
    ...{ name, role, shape, format },
    bytes: compressed.bytes.byteLength,
  }));
}

/** As they come back from half floats. */
export function halved({ ctx }: Pick<BitnetRun, 'ctx'>, weights: TensorDict): TensorDict {
  const half = ctx.resolve(COMPRESSOR, 'float16');
  return Object.fromEntries(
    Object.entries(weights).map(([name, tensor]) => [name, half.decompress(half.compress(tensor))]),
  );
}
