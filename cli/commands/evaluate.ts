import type { EvaluateOptions, Project } from '../../tools/index.js';
import { styleOf } from '../../plugins/sinks/console/terminal/index.js';
import { defineCommand, type CommandContext, type Outcome } from '../command.js';
import {
  addConfigFlags,
  addJsonFlag,
  MODEL_ARGUMENT,
  parseInteger,
  type ConfigFlags,
} from '../config-flags.js';
import { EXIT } from '../exit-codes.js';
import { namesOf } from '../generate/sampling-flags.js';
import { listenToInterrupts } from '../interrupts.js';
import { withProject } from '../open-kernel.js';

interface EvaluateFlags extends ConfigFlags {
  /** False: `--no-datasets`. */
  readonly datasets?: readonly string[] | false;
  readonly text?: readonly string[];
  readonly items?: number;
  readonly documents?: number;
  readonly maxTokens?: number;
  readonly atStep?: number;
  readonly context?: number;
  readonly stride?: number;
}

const NOTICE = 'Stopping; what was measured so far is printed. Ctrl-C again quits at once.';

const EXAMPLES = `
Examples:
  agentforge evaluate champion                       losses and right answers on what was held out of its training
  agentforge evaluate champion --text book.txt       bits per byte of a text of yours as well
  agentforge evaluate ./llama --datasets gsm8k,arc   a folder; nobody knows whether it saw these
  agentforge evaluate champion --at-step 1 --json    the first recursion step alone`;

export const command = defineCommand<EvaluateFlags>({
  configure(command) {
    addJsonFlag(addConfigFlags(command))
      .argument('<model>', MODEL_ARGUMENT)
      .option('--datasets <names>', 'datasets, by commas (default: those it was trained on)', namesOf)
      .option('--no-datasets', 'measure no dataset')
      .option('--text <file>', 'predict all of a text file; repeatable', collect)
      .option(
        '--documents <number>',
        'most documents of a dataset; 0 for no losses (default: 1000)',
        parseInteger(0),
      )
      .option('--items <number>', 'most questions of a dataset; 0 asks none (default: 100)', parseInteger(0))
      .option('--max-tokens <number>', 'most tokens of an answer (default: 128)', parseInteger(1))
      .option('--at-step <number>', 'predict and answer at this recursion step alone', parseInteger(1))
      .option(
        '--context <number>',
        "most tokens seen at once (default: the model's context, at most 2048)",
        parseInteger(1),
      )
      .option(
        '--stride <number>',
        'tokens from one window of a long text to the next (default: half of the context)',
        parseInteger(1),
      )
      .option('-q, --quiet', 'print no progress')
      .addHelpText('after', EXAMPLES);
  },
  run: (context, flags, [reference = '']) =>
    withProject(context, { flags, withoutConfig: 'defaults' }, (project) =>
      evaluate(project, reference, flags, context),
    ),
});

async function evaluate(
  project: Project,
  reference: string,
  flags: EvaluateFlags,
  context: CommandContext,
): Promise<Outcome> {
  const { ProgressLine } = await import('../progress-line.js');
  const line = new ProgressLine(context.terminal, 'evaluate');
  const interrupts = listenToInterrupts(context.io, NOTICE);
  try {
    const report = await project.evaluate(reference, {
      ...optionsOf(flags),
      signal: interrupts.signal,
      onProgress: (progress) => line.update(progress),
    });
    return {
      document: { ok: report.complete, ...report },
      text: async () => {
        const { renderEvaluation } = await import('../render/evaluation.js');
        return renderEvaluation(report, styleOf(context.terminal));
      },
      exitCode: report.complete ? EXIT.ok : EXIT.interrupted,
    };
  } finally {
    line.close();
    interrupts.release();
  }
}

function optionsOf(flags: EvaluateFlags): EvaluateOptions {
  const { datasets, text: texts, items, documents, maxTokens, atStep, context, stride } = flags;
  return {
    ...{ texts, items, documents, maxTokens, atStep, context, stride },
    datasets: datasets === false ? [] : datasets,
  };
}

function collect(file: string, files: readonly string[] = []): readonly string[] {
  return [...files, file];
}
