import type { RunPlan } from '../../core/kernel/types.js';
import {
  formatBytes,
  formatValue,
  plural,
  printable,
  wrap,
  type Style,
} from '../../plugins/sinks/console/terminal/index.js';
import { numberedProblems } from './error.js';
import { renderPairs } from './table.js';

/** What `run --dry-run` prints: each phase with its facts, what it needs, and what forbids it. */
export function renderPlan(plan: RunPlan, style: Style): string {
  const sections = plan.phases.map((phase) => {
    const facts = Object.entries(phase.facts).map(([name, value]) => [name, formatValue(value)] as const);
    const needs = [
      ['memory', needOf(phase.memoryBytes, phase)],
      ['disk', needOf(phase.diskBytes, phase)],
    ] as const;
    const title = wrap(`${printable(phase.title)} (${phase.action})`, style.columns - phase.name.length - 1);
    return `${style.bold(phase.name)} ${title.join('\n  ')}\n${renderPairs([...facts, ...needs], style)}`;
  });
  const rest = [resources(plan), inputOf(plan)].map((text) => wrap(text, style.columns).join('\n'));
  return `${[...sections, ...rest, ...warnings(plan, style), verdict(plan, style)].filter((s) => s !== '').join('\n\n')}\n`;
}

function needOf(bytes: number | null, { unknown }: RunPlan['phases'][number]): string {
  return bytes === null ? (unknown ?? 'not known') : formatBytes(bytes);
}

/** What is needed in all; `at least` where a phase does not know. */
function totalOf(needed: number | null, each: readonly (number | null)[]): string {
  if (needed === null) return 'unknown need';
  return `${each.includes(null) ? 'at least ' : ''}${formatBytes(needed)} needed`;
}

function resources({ memory, disk, phases }: RunPlan): string {
  const free = disk.free === null ? 'unknown' : formatBytes(disk.free);
  const memoryNeed = totalOf(
    memory.needed,
    phases.map(({ memoryBytes }) => memoryBytes),
  );
  const diskNeed = totalOf(
    disk.needed,
    phases.map(({ diskBytes }) => diskBytes),
  );
  return [
    `memory  ${memoryNeed}, ${formatBytes(memory.available)} of ${formatBytes(memory.total)} available`,
    `disk    ${diskNeed}, ${free} free`,
  ].join('\n');
}

function inputOf({ input }: RunPlan): string {
  return input === null ? '' : `input   ${input.sourcePhase} of session ${input.sessionId}`;
}

function warnings(plan: RunPlan, style: Style): readonly string[] {
  return plan.warnings.length === 0
    ? []
    : [
        plan.warnings
          .map((text) =>
            wrap(`warning ${printable(text)}`, style.columns)
              .join('\n')
              .replace('warning', style.yellow('warning')),
          )
          .join('\n'),
      ];
}

function verdict(plan: RunPlan, style: Style): string {
  if (plan.problems.length === 0) return style.green('This run may start.');
  const head = style.red(`This run may not start: ${plural(plan.problems.length, 'problem')}.`);
  return [head, ...numberedProblems(plan.problems, style)].join('\n');
}
