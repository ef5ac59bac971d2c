import { figureText } from '../../nn/evaluation/index.js';
import type { ArmReport, Comparison, Speedup, Spread, StudyReport } from './report.js';

/** Arms one a row, then the ratios. */
export function tableOf({ arms, speedups }: StudyReport): readonly string[] {
  const head = [
    'arm',
    'seeds',
    'train 95 %',
    'validation 95 %',
    'seconds',
    'ms/update',
    'final',
    'verdicts',
    'state',
  ];
  return [
    '',
    ...aligned([head, ...arms.map(armRow)]),
    '',
    `A / D at the published decay (speedup_paper): ${speedupText(speedups.paper)}`,
    ...comparisonLines('EMA', speedups.ema),
    ...comparisonLines('high-pass', speedups.highpass),
    ...comparisonLines('EMA on ternary layers', speedups.ternary),
    ...comparisonLines('EMA on Muon', speedups.muon),
  ];
}

function armRow(arm: ArmReport): string[] {
  return [
    arm.arm,
    String(arm.runs),
    spreadText(arm.train95),
    spreadText(arm.validation95),
    spreadText(arm.seconds, 2),
    arm.millisecondsPerUpdate.toFixed(2),
    spreadText(arm.finalValidation, 3),
    Object.entries(arm.verdicts)
      .map(([verdict, count]) => `${count} ${verdict}`)
      .join(', '),
    `${(arm.stateBytes / 2 ** 20).toFixed(2)} MiB`,
  ];
}

function comparisonLines(name: string, { equalDecay, effectiveDecay, tuned, best }: Comparison): string[] {
  if (tuned === null) return [];
  const each = (speedups: Readonly<Record<string, Speedup>>): string => {
    const known = Object.entries(speedups).filter(([, speedup]) => speedup !== null);
    if (known.length === 0) return speedupText(null);
    return known.map(([decay, speedup]) => `${decay}: ${speedupText(speedup)}`).join('; ');
  };
  return [
    `${name}, equal decay (speedup_equal_wd): ${each(equalDecay)}`,
    `${name}, decay / (1 + lambda) without it: ${each(effectiveDecay)}`,
    `${name}, each at its best decay (speedup_tuned; ${best.without ?? 'none'} and ${best.with ?? 'none'}): ${speedupText(tuned)}`,
  ];
}

function speedupText(speedup: Speedup): string {
  if (speedup === null) return 'not run';
  return `${figureText(speedup.steps, 2)} in steps, ${figureText(speedup.seconds, 2)} in seconds`;
}

function spreadText({ median, least, greatest }: Spread, digits = 0): string {
  return `${figureText(median, digits)} [${figureText(least, digits)}, ${figureText(greatest, digits)}]`;
}

function aligned(rows: readonly (readonly string[])[]): string[] {
  const widths = rows[0]!.map((_, i) => Math.max(...rows.map((cells) => cells[i]!.length)));
  return rows.map((cells) =>
    cells
      .map((cell, i) => cell.padEnd(widths[i]!))
      .join('  ')
      .trimEnd(),
  );
}
