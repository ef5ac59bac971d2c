import type { RunPlan } from '../../core/kernel/types.js';
import { formatBytes, formatValue, plural, printable, type Style } from '../../terminal/index.js';
import { numberedProblems } from './error.js';
import { renderPairs } from './table.js';

/** What `run --dry-run` prints: each phase with its facts, what it needs, and what forbids it. */
export function renderPlan(plan: RunPlan, style: Style): string {
  const sections = plan.phases.map((phase) => {
    const facts = Object.entries(phase.facts).map(([name, value]) => [name, formatValue(value)] as const);
    const needs = [
      ['memory', formatBytes(phase.memoryBytes)],
      ['disk', formatBytes(phase.diskBytes)],
    ] as const;
    return `${style.bold(phase.name)} ${printable(phase.title)} (${phase.action})\n${renderPairs([...facts, ...needs], style)}`;
  });
  return `${[...sections, resources(plan), inputOf(plan), ...warnings(plan, style), verdict(plan, style)].filter((s) => s !== '').join('\n\n')}\n`;
}

function resources({ memory, disk }: RunPlan): string {
  const free = disk.free === null ? 'unknown' : formatBytes(disk.free);
  return [
    `memory  ${formatBytes(memory.needed)} needed, ${formatBytes(memory.available)} of ${formatBytes(memory.total)} available`,
    `disk    ${formatBytes(disk.needed)} needed, ${free} free`,
  ].join('\n');
}

function inputOf({ input }: RunPlan): string {
  return input === null ? '' : `input   ${input.sourcePhase} of session ${input.sessionId}`;
}

function warnings(plan: RunPlan, style: Style): readonly string[] {
  return plan.warnings.length === 0
    ? []
    : [plan.warnings.map((text) => `${style.yellow('warning')} ${printable(text)}`).join('\n')];
}

function verdict(plan: RunPlan, style: Style): string {
  if (plan.problems.length === 0) return style.green('This run may start.');
  const head = style.red(`This run may not start: ${plural(plan.problems.length, 'problem')}.`);
  return [head, ...numberedProblems(plan.problems, style)].join('\n');
}
