import { sheetOf } from '../shared/metrics.js';
import type { PartClock } from '../shared/part-clock.js';
import type { TheaterReport } from '../shared/theater/index.js';
import type { Findings } from './conclude.js';
import { perplexity } from './measure.js';
import { sparsityOf } from '../shared/quantized/pack.js';
import type { TimedPart } from './prepare.js';
import { OWN_METRICS, PHASE_METRICS, REPORT } from './table.js';

/** Bytes of the model, before and after. JSON. */
export interface Sizes {
  /** Of the file of floats that came in. */
  readonly before: number;
  /** Of the packed file, header and all. */
  readonly after: number;
  /** Of tokenizer.json, which both need. */
  readonly tokenizer: number;
  /** Of the codes and scales of linear matrices in a format, and of the same as float32. */
  readonly linear: { readonly before: number; readonly after: number };
  readonly tables: number;
}

/** What was lost and what came back. */
export interface Quality {
  readonly perplexity: { readonly before: number; readonly untrained: number; readonly after: number };
  /** Relative. */
  readonly rise: number;
  /** Share of what quantising alone cost that training gave back; null where it cost nothing. */
  readonly recovered: number | null;
  /** Accuracy after over accuracy before; null where one was not measured or nothing was right before. */
  readonly retention: number | null;
}

const FLOAT_BYTES = 4;
const HALF = 2;
const MIB = 2 ** 20;

export function sizesOf({ packed }: Pick<Findings, 'packed'>, before: number, tokenizer: number): Sizes {
  const linear = packed.tensors.filter(
    ({ tensor, format }) => tensor.linear === true && packed.quantization.formats[tensor.name] === format,
  );
  const bytes = (of: typeof linear): number =>
    of.reduce((sum, { compressed }) => sum + compressed.bytes.byteLength, 0);
  const elements = linear.reduce((sum, { tensor }) => sum + tensor.shape.reduce((a, b) => a * b, 1), 0);
  const tables = packed.tensors.filter(
    ({ tensor: { role } }) => role === 'embedding' || role === 'output-head',
  );
  return {
    ...{ before, after: packed.bytes.byteLength, tokenizer, tables: bytes(tables) },
    linear: { before: FLOAT_BYTES * elements, after: bytes(linear) },
  };
}

export function qualityOf({ before, untrained, after }: Findings): Quality {
  const [first, raw, last] = [before, untrained, after].map(({ losses }) => perplexity(losses.text)) as [
    number,
    number,
    number,
  ];
  const [had, has] = [before.answers.with, after.answers.with];
  return {
    perplexity: { before: first, untrained: raw, after: last },
    rise: last / first - 1,
    recovered: raw > first ? (raw - last) / (raw - first) : null,
    retention: had === null || has === null || had === 0 ? null : has / had,
  };
}

/** The documented 19 but what the kernel knows. */
export function phaseMetrics(findings: Findings, sizes: Sizes, quality: Quality) {
  const sheet = sheetOf(PHASE_METRICS);
  const { packed, before, after, speed, start } = findings;
  const compressed = Object.keys(packed.quantization.formats).length;
  sheet('compression/original_size_mb', sizes.before / MIB);
  sheet('compression/compressed_size_mb', sizes.after / MIB);
  sheet('compression/compression_ratio', sizes.before / sizes.after);
  sheet('compression/layers_compressed', compressed);
  sheet('compression/layers_preserved', packed.tensors.length - compressed);
  sheet('compression/sparsity_ratio', sparsityOf(packed));
  sheet('quality/pre_compression_perplexity', quality.perplexity.before);
  sheet('quality/post_compression_perplexity', quality.perplexity.untrained);
  sheet('quality/perplexity_degradation_percent', 100 * quality.rise);
  sheet('quality/post_finetuning_perplexity', quality.perplexity.after);
  sheet('quality/perplexity_recovery_percent', quality.recovered === null ? null : 100 * quality.recovered);
  sheet('quality/pre_accuracy', before.answers.with);
  sheet('quality/post_accuracy', after.answers.with);
  sheet('quality/accuracy_retention', quality.retention);
  sheet('performance/inference_speedup', speed?.ratio ?? null);
  sheet('performance/memory_reduction', findings.memory === null ? null : findings.memory.ratio);
  sheet('performance/calibration_time_seconds', start.seconds);
  return sheet.values;
}

export function ownMetrics(findings: Findings, sizes: Sizes, theater: TheaterReport) {
  const sheet = sheetOf(OWN_METRICS);
  const test = (name: string): number | null => theater.tests.find((one) => one.name === name)?.value ?? null;
  sheet('compression/ratio_fp16', sizes.before / HALF / sizes.after);
  sheet(
    'compression/linear_ratio',
    sizes.linear.after === 0 ? null : sizes.linear.before / sizes.linear.after,
  );
  sheet('compression/table_share', sizes.tables / sizes.after);
  sheet('quality/dequantization_agreement', findings.agreement);
  sheet('quality/untrained_accuracy', findings.untrained.answers.with);
  sheet('anti_theater/divergence', test('T1_divergence'));
  sheet('anti_theater/ablation_drop', test('T2_ablation'));
  return sheet.values;
}

/** Numbers of the session report beyond the metrics. */
export function reportNumbers(
  { before, untrained, after }: Findings,
  seconds: PartClock<TimedPart>['seconds'],
) {
  const sheet = sheetOf(REPORT);
  for (const [name, { losses, answers }] of Object.entries({ before, untrained, after })) {
    sheet(`perplexity/${name}`, perplexity(losses.text));
    sheet(`accuracy/${name}`, answers.with);
  }
  for (const { name, seconds: taken } of seconds) sheet(`seconds/${name}`, taken);
  return sheet.values;
}
