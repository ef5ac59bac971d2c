import type { ArtifactRef } from '../../../../core/contracts/model.js';
import type { TensorDict } from '../../../../core/contracts/tensor.js';
import { writePacked } from '../../../../storage/packed/index.js';
import { pack, type PackedModel } from '../../shared/quantized/pack.js';
import type { BakedModel } from '../model.js';
import type { BakingRun } from '../prepare.js';

/** What lies beside the model for a persona. */
export interface BankEntry {
  readonly persona: string;
  readonly file: ArtifactRef;
  readonly bytes: number;
  /** Tensors that are another than the model's. */
  readonly tensors: readonly string[];
}

/** Before the name of a persona, in what a model has beside it. */
export const PERSONA_SIDECAR = 'persona_';

/** Store of each persona the packed tensors that differ from those of the model. */
export async function storeBank(
  run: BakingRun,
  baked: BakedModel,
  bank: ReadonlyMap<string, TensorDict>,
  base: PackedModel,
): Promise<readonly BankEntry[]> {
  const entries: BankEntry[] = [];
  for (const [persona, weights] of bank) {
    const own = pack(run, baked.latent(weights));
    const changed = own.tensors.filter(
      ({ compressed }, i) => !sameBytes(compressed.bytes, base.tensors[i]!.compressed.bytes),
    );
    const { architecture, hyperparameters } = run.start.config;
    const bytes = writePacked({
      config: { architecture, hyperparameters, quantization: own.quantization },
      tensors: changed.map(({ tensor: { name, role }, format, compressed }) => ({
        name,
        role,
        format,
        compressed,
      })),
      facts: { persona },
    });
    entries.push({
      ...{ persona, bytes: bytes.byteLength, tensors: changed.map(({ tensor }) => tensor.name) },
      file: await run.ctx.store.put(`persona-${persona}.packed`, bytes),
    });
  }
  return entries;
}

function sameBytes(one: Uint8Array, other: Uint8Array): boolean {
  return Buffer.compare(one, other) === 0;
}
