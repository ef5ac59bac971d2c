import type { GateResult } from '../../../core/contracts/phase.js';
import type { TheaterReport } from '../shared/theater/index.js';
import type { Findings } from './conclude.js';
import type { Quality, Sizes } from './numbers.js';
import { sparsityOf } from '../shared/quantized/pack.js';
import type { BitnetRun } from './prepare.js';
import { layersOf } from '../shared/quantized/store.js';

interface Judged {
  readonly sizes: Sizes;
  readonly quality: Quality;
  readonly theater: TheaterReport;
  readonly threshold: number;
  readonly gates: readonly GateResult[];
}

/** What the next phase is told (schemas/handoff/bitnet-to-curriculum.schema.json). */
export function handoffFacts(
  { teacher, handoff, examination, options }: BitnetRun,
  { before, after, recovered, agreement, speed, packed }: Findings,
  { sizes, quality, theater, threshold, gates }: Judged,
): Record<string, unknown> {
  const { quantization } = packed;
  const set = handoff.facts['validation_set'] as { readonly datasets: readonly string[] };
  const flow = recovered.gradientFlow;
  return {
    thinker: teacher.ref.id,
    compression: {
      ...{ bytes_before: sizes.before, bytes_after: sizes.after },
      ...{ ratio: sizes.before / sizes.after, ratio_fp16: sizes.before / 2 / sizes.after },
    },
    perplexity: { ...quality.perplexity, recovered: quality.recovered },
    accuracy: {
      ...{ before: before.answers.with, after: after.answers.with },
      without: after.answers.without,
    },
    accuracy_retention: quality.retention,
    dequantization_accuracy: agreement,
    gradient_flow_passed: flow.cut.length === 0,
    sparsity: sparsityOf(packed),
    speedup: speed?.ratio ?? null,
    anti_theater: { tests: theater.tests },
    thoughts: { ...(handoff.facts['thoughts'] as object), threshold },
    thinking_tokens: examination.tags,
    validation_set: { datasets: set.datasets, part: 'known', items: after.answers.items },
    quantization_metadata: {
      scheme: '1.58-bit',
      rounding: 'half-to-even',
      activations: options.formats.activations,
      layers: layersOf(packed).filter(({ name }) => quantization.formats[name] !== undefined),
      preserved_layers: packed.tensors
        .map(({ tensor }) => tensor.name)
        .filter((name) => quantization.formats[name] === undefined),
      norms: quantization.norms,
    },
    misses: gates
      .filter(({ passed }) => passed === false)
      .map(({ name, measured, target }) => ({ gate: name, measured, target })),
  };
}
