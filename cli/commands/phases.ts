import { metricPatternOf, type MetricDeclaration } from '../../core/contracts/metrics.js';
import { PHASE } from '../../core/contracts/phase.js';
import type { Kernel } from '../../core/kernel/types.js';
import { printable, styleOf, type Style } from '../../plugins/sinks/console/terminal/index.js';
import { defineCommand } from '../command.js';
import { addConfigFlags, addJsonFlag, type ConfigFlags } from '../config-flags.js';
import { withKernel } from '../open-kernel.js';

interface PhaseLine {
  readonly name: string;
  readonly title: string;
  /** 1 for the first of the configured pipeline; null when it is not in it. */
  readonly position: number | null;
  /** In the newest session that has it; null when none has. */
  readonly status: string | null;
  /** Patterns of their names. */
  readonly metrics: readonly string[];
  /** What those mean that are not of the catalogue. */
  readonly ownMetrics: readonly MetricDeclaration[];
  readonly gates: readonly string[];
}

export const command = defineCommand<ConfigFlags>({
  configure(command) {
    addJsonFlag(addConfigFlags(command));
  },
  run: (context, flags) =>
    withKernel(context, { flags, withoutConfig: 'defaults' }, async (kernel) => {
      const phases = await phaseLines(kernel);
      return {
        document: { phases },
        text: () => render(phases, styleOf(context.terminal)),
      };
    }),
});

async function phaseLines(kernel: Kernel): Promise<readonly PhaseLine[]> {
  const pipeline = kernel.config.pipeline.map((entry) => entry.name);
  const statuses = await newestStatuses(kernel);
  const lines = kernel.names(PHASE).map((name) => {
    const { title, metrics, gates } = kernel.resolve(PHASE, name);
    const index = pipeline.indexOf(name);
    return {
      name,
      title,
      position: index < 0 ? null : index + 1,
      status: statuses.get(name) ?? null,
      metrics: metrics.map(metricPatternOf),
      ownMetrics: metrics.filter((metric) => typeof metric !== 'string'),
      gates,
    };
  });
  return lines.sort((a, b) => (a.position ?? Infinity) - (b.position ?? Infinity));
}

async function newestStatuses(kernel: Kernel): Promise<ReadonlyMap<string, string>> {
  const [newest] = await kernel.sessions({ limit: 1 });
  if (newest === undefined) return new Map();
  const records = await (await kernel.registry()).phases(newest.id);
  return new Map(records.map((record) => [record.phase, record.status]));
}

async function render(phases: readonly PhaseLine[], style: Style): Promise<string> {
  const { renderTable } = await import('../render/table.js');
  const rows = phases.map((phase) => [
    phase.position === null ? '-' : String(phase.position),
    printable(phase.name),
    printable(phase.title),
    String(phase.metrics.length),
    String(phase.gates.length),
    phase.status ?? '-',
  ]);
  const columns = [
    { title: '#' },
    { title: 'phase', fit: 'clip' as const },
    { title: 'title', fit: 'wrap' as const },
    { title: 'metrics', worth: 1 },
    { title: 'gates', worth: 2 },
    { title: 'newest session' },
  ];
  return renderTable(columns, rows, style);
}
