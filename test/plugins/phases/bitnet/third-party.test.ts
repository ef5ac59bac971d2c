import { COMPRESSOR } from '../../../../core/contracts/compressor.js';
import { loadHandoffSchema } from '../../../../core/contracts/handoff-schema.js';
import type { ModelRef } from '../../../../core/contracts/model.js';
import type { PhaseResult } from '../../../../core/contracts/phase.js';
import type { HostTensor } from '../../../../core/contracts/tensor.js';
import { packedMatrices, unpackedMatrix } from '../../../../nn/quantization/index.js';
import { bitnet } from '../../../../plugins/index.js';
import { readPackedWeights } from '../../../../plugins/phases/shared/model/packed-weights.js';
import { shapeOf } from '../../../../plugins/phases/shared/model/shape.js';
import { compressorConformance, handoffPhase, implementationOf } from '../../../../testing/index.js';
import { testConformance } from '../../../support/conformance.js';
import { TINY_RECOVERY, tinyBitnet } from '../../../support/tiny-bitnet.js';
import { fiveValues, fiveValuesPacked } from './five-values.js';
import { benchOf, looks } from './support.js';

/** A run whose linear matrices are in a user's format. */
async function runWith(plugin: typeof fiveValues) {
  const name = plugin.pluginName;
  const options = tinyBitnet({
    formats: { smallest: 64, named: { mine: { use: name } }, ladder: ['mine'], tables: 'float16' },
    recovery: { steps: 3, secondStage: null, training: TINY_RECOVERY },
  });
  const matrices: Record<string, { latent: HostTensor; packed: HostTensor; codes: Float32Array | null }> = {};
  const look = looks(async (ctx, handoff) => {
    const [latent, codes] = handoff!.models as [ModelRef, ModelRef];
    const latents = await ctx.store.readTensors(latent.weights);
    const packed = await readPackedWeights(ctx, codes.weights);
    const { tensors } = shapeOf(ctx, latent.config, 'a test');
    const quantization = latent.config.quantization!;
    const codec = ctx.resolve(COMPRESSOR, name);
    const formats = Object.keys(quantization.formats);
    const compressors = Object.fromEntries(formats.map((tensor) => [tensor, codec]));
    const found = packedMatrices(tensors, latents, quantization, compressors);
    for (const tensor of formats)
      matrices[tensor] = {
        ...{ latent: latents[tensor]!, packed: packed[tensor]! },
        codes: found[tensor] === undefined ? null : unpackedMatrix(found[tensor]),
      };
  }, loadHandoffSchema('bitnet-to-curriculum'));
  const phases = [handoffPhase('quietstar-to-bitnet'), bitnet(options), look];
  const bench = await benchOf(phases, [plugin()]);
  try {
    const report = await bench.kernel.run();
    if (report.error !== null) throw report.error;
    const result: PhaseResult = report.phases.find((phase) => phase.name === 'bitnet')!.result!;
    return { result, matrices };
  } finally {
    await bench.dispose();
  }
}

const sorted = (values: Iterable<number>): number[] => [...values].sort((a, b) => a - b);

describe.each([
  ['that runs from floats', fiveValues],
  ['that a kernel multiplies with', fiveValuesPacked],
] as const)("a user's format %s", (_, plugin) => {
  testConformance(compressorConformance(() => implementationOf(COMPRESSOR, plugin())));

  test('is trained in, packed and read again', async () => {
    const { result, matrices } = await runWith(plugin);
    const inFormat = result.models[1]!.config.quantization!.formats;
    expect(Object.keys(inFormat).length).toBeGreaterThan(10);
    expect(new Set(Object.values(inFormat).map(({ use }) => use))).toEqual(new Set([plugin.pluginName]));
    const gates = Object.fromEntries(result.gates.map((gate) => [gate.name, gate]));
    for (const name of ['packed_read_back', 'gradient_flow', 'weights_stored'])
      expect([name, gates[name]!.passed]).toEqual([name, true]);
    // Nothing of it is ternary.
    expect(result.metrics['compression/sparsity_ratio']).toBeNull();
    expect(gates['sparsity']!.passed).toBeNull();
    for (const { packed, latent, codes } of Object.values(matrices)) {
      expect(new Set(packed.data).size).toBeLessThanOrEqual(5);
      expect(new Set(latent.data).size).toBeGreaterThan(5);
      if (codes !== null) expect(sorted(codes)).toEqual(sorted(packed.data));
    }
    const withCodes = Object.values(matrices).filter(({ codes }) => codes !== null).length;
    const all = Object.keys(matrices).length;
    expect(withCodes).toBe(plugin === fiveValues ? 0 : all);
    // Codes of four bits take less memory than floats; without them nothing is gained.
    const saved = result.metrics['performance/memory_reduction'] as number;
    if (plugin === fiveValues) expect(saved).toBeLessThanOrEqual(1);
    else expect(saved).toBeGreaterThan(1.5);
  });
});
