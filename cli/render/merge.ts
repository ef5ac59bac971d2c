import type { MergePlan, MergeReport } from '../../tools/merge/index.js';
import {
  formatBytes,
  formatCount,
  formatDuration,
  formatNumber,
  type Style,
} from '../../plugins/sinks/console/terminal/index.js';
import { renderPairs } from './table.js';

/** What `merge --dry-run` prints of each merge. */
export function renderMergePlan(plan: MergePlan, style: Style): string {
  const { recipe, checkpoints, shards, tokenizerFrom } = plan;
  const tensors = shards.reduce((sum, shard) => sum + shard.tensors.length, 0);
  return `${renderPairs(
    [
      ['method', recipe.methodName],
      ['models', checkpoints.map(({ reference }) => reference).join(', ')],
      ['tensors', formatCount(tensors)],
      ['parameters', formatCount(plan.elements)],
      ['reads', formatBytes(plan.inputBytes)],
      ['writes', `${formatBytes(plan.outputBytes)} in ${shards.map(({ file }) => file).join(', ')}`],
      ['memory', `at most ${formatBytes(plan.memoryBytes)}`],
      ['tokenizer', tokenizerFrom?.reference ?? 'none'],
      ...plan.warnings.map((text) => ['warning', text] as const),
    ],
    style,
  )}\n`;
}

/** The end of a merge for people. */
export function renderMerge(report: MergeReport, peakMemoryBytes: number, style: Style): string {
  const speed = `${formatDuration(report.seconds)}, ${formatNumber(report.gigabytesPerSecond)} GB/s of input`;
  return `${renderPairs(
    [
      ['merged', report.folder],
      ['method', report.method],
      ['parameters', formatCount(report.elements)],
      [
        'size',
        `${formatBytes(report.outputBytes)} in ${report.files.length === 1 ? 'one file' : `${report.files.length} files`}`,
      ],
      ['time', speed],
      ['peak memory', formatBytes(peakMemoryBytes)],
    ],
    style,
  )}\n`;
}

/** A plan as `--json` prints it. */
export function mergePlanDocument(plan: MergePlan): object {
  const { recipe, checkpoints, shards, tokenizerFrom } = plan;
  return {
    method: recipe.methodName,
    seed: plan.seed,
    models: checkpoints.map(({ reference, folder }) => ({ reference, folder })),
    tensors: shards.reduce((sum, shard) => sum + shard.tensors.length, 0),
    parameters: plan.elements,
    inputBytes: plan.inputBytes,
    outputBytes: plan.outputBytes,
    memoryBytes: plan.memoryBytes,
    files: shards.map(({ file }) => file),
    tokenizer: tokenizerFrom?.reference ?? null,
    warnings: plan.warnings,
  };
}
