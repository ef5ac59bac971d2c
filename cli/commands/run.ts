import { Option } from '../commander.js';
import type { Kernel, PhaseSelection, RunReport } from '../../core/kernel/types.js';
import { styleOf } from '../../plugins/sinks/console/terminal/index.js';
import { defineCommand, type CommandContext, type Outcome } from '../command.js';
import {
  addConfigFlags,
  addJsonFlag,
  configWords,
  parseInteger,
  shellLine,
  type ConfigFlags,
} from '../config-flags.js';
import { EXIT, exitCodeOf, type ExitCode } from '../exit-codes.js';
import { listenToInterrupts } from '../interrupts.js';
import { withKernel } from '../open-kernel.js';
import type { RunDocument } from '../report/run-document.js';
import { RunRecorder } from '../report/run-recorder.js';

interface RunFlags extends ConfigFlags {
  readonly phase?: string;
  readonly from?: string;
  /** `true` without a session: the newest that can be resumed. */
  readonly resume?: string | true;
  readonly dryRun?: boolean;
  readonly quiet?: boolean;
}

const EXAMPLES = `
Examples:
  agentforge run                                   the pipeline of agentforge.config.ts
  agentforge run --preset quickstart --seed 7      a preset, without a config file
  agentforge run --set phases.cognate.maxSteps=500
  agentforge run --resume                          go on with the newest unfinished session
  agentforge run --dry-run                         what it would need, without doing it

Exit codes: 0 ok, 1 a phase or gate failed, 2 usage or configuration, 130 interrupted after a clean checkpoint.`;

export const command = defineCommand<RunFlags>({
  configure(command) {
    addJsonFlag(addConfigFlags(command))
      .addOption(new Option('--phase <name>', 'run this phase alone').conflicts(['from']))
      .option('--from <phase>', 'start at this phase; with --resume, roll the session back to just before it')
      .option('--resume [session]', 'go on with a session: its id, or the newest unfinished one')
      .option('--seed <number>', 'seed of every random stream', parseInteger(0))
      .addOption(new Option('--policy <policy>', 'what a missed target does').choices(['strict', 'research']))
      .option('--dry-run', 'check everything and print the plan; touch nothing')
      .option('-q, --quiet', 'print warnings and errors only')
      .addHelpText('after', EXAMPLES);
  },
  async run(context, flags) {
    const recorder = new RunRecorder();
    const interrupts = listenToInterrupts(context.io);
    try {
      return await withKernel(context, { flags, onEvent: recorder.listen }, (kernel) =>
        flags.dryRun === true
          ? plan(kernel, flags, context)
          : start(kernel, flags, context, recorder, interrupts.signal),
      );
    } finally {
      interrupts.release();
    }
  },
});

async function plan(kernel: Kernel, flags: RunFlags, context: CommandContext): Promise<Outcome> {
  const found = await kernel.plan(selectionOf(flags));
  const { renderPlan } = await import('../render/plan.js');
  const ok = found.problems.length === 0;
  return {
    document: { ok, ...found },
    text: () => renderPlan(found, styleOf(context.terminal)),
    exitCode: ok ? EXIT.ok : EXIT.usage,
  };
}

async function start(
  kernel: Kernel,
  flags: RunFlags,
  context: CommandContext,
  recorder: RunRecorder,
  signal: AbortSignal,
): Promise<Outcome> {
  const report = await kernel.run({ ...selectionOf(flags), signal, invocation: invocationOf(flags) });
  const style = styleOf(context.terminal);
  const [{ runDocument }, { renderRunReport }, { renderTimings }, { earlierSamples }] = await Promise.all([
    import('../report/run-document.js'),
    import('../render/run-report.js'),
    import('../render/timings.js'),
    import('../report/earlier-samples.js'),
  ]);
  const { artifacts } = await kernel.storage();
  if (flags.resume !== undefined) recorder.recall(await earlierSamples(report.folder));
  const document = runDocument(report, {
    config: kernel.config,
    configHash: kernel.configHash,
    recorder,
    artifacts,
  });
  if (context.debug) context.io.stderr.write(renderTimings(kernel.timings(), report.overhead, style));
  return {
    document,
    lasting: true,
    text: () =>
      flags.quiet === true
        ? ''
        : renderRunReport(document, { style, cwd: context.io.cwd, next: nextCommand(document, flags) }),
    exitCode: exitCodeOfRun(report),
    error: report.error,
  };
}

function selectionOf(flags: RunFlags): PhaseSelection {
  return { phase: flags.phase, from: flags.from, resume: flags.resume === true ? 'latest' : flags.resume };
}

/** The flags that must be repeated for the same configuration. */
function invocationOf(flags: RunFlags): readonly string[] {
  const words = [...configWords(flags)];
  if (flags.seed !== undefined) words.push('--seed', String(flags.seed));
  if (flags.policy !== undefined) words.push('--policy', flags.policy);
  return words;
}

function exitCodeOfRun(report: RunReport): ExitCode {
  if (report.status === 'completed') return EXIT.ok;
  if (report.status === 'paused') return EXIT.interrupted;
  return report.error === null ? EXIT.failed : exitCodeOf(report.error);
}

/** What one would type next: go on with what stopped, or try out what the last phase made; null when there is nothing to do. */
function nextCommand(document: RunDocument, flags: RunFlags): string | null {
  if (document.status !== 'completed') {
    return shellLine(['agentforge', 'run', '--resume', document.sessionId, ...invocationOf(flags)]);
  }
  const model = document.phases.findLast(({ models }) => models.length > 0)?.models[0];
  if (model === undefined) return null;
  return shellLine(['agentforge', 'generate', model, '--prompt', 'Once upon a time', ...configWords(flags)]);
}
