import type { BenchmarkEntry } from '../../bench/benchmark.js';
import { ForgeError, nearest } from '../../core/errors/index.js';
import { formatValue, styleOf } from '../../plugins/sinks/console/terminal/index.js';
import { defineCommand } from '../command.js';
import { addJsonFlag, MODEL_ARGUMENT } from '../config-flags.js';
import { leavesOf } from '../render/leaves.js';

export const command = defineCommand<{ readonly model?: string; readonly full?: true }>({
  configure(command) {
    addJsonFlag(command)
      .argument('[name]', 'which benchmark; without it they are listed')
      .option('--model <model>', `for benchmarks that measure a model: ${MODEL_ARGUMENT}`)
      .option(
        '--full',
        'the long form of a benchmark that has one: hours, and it goes on where it was killed',
      );
  },
  async run(context, { model, full }, [name]) {
    const { BENCHMARKS } = await import('../../bench/catalogue.js');
    const { renderPairs } = await import('../render/table.js');
    const style = styleOf(context.terminal);
    if (name === undefined) {
      const benchmarks = BENCHMARKS.map(({ name: each, summary }) => ({ name: each, summary }));
      return {
        document: { benchmarks },
        text: () =>
          `${renderPairs(
            benchmarks.map((each) => [each.name, each.summary] as const),
            style,
          )}\n`,
      };
    }
    const entry = find(BENCHMARKS, name);
    if (model !== undefined && entry.takesModel === undefined) throw takesNoModel(name, BENCHMARKS);
    if (full !== undefined && entry.hasFullForm === undefined) throw hasOneForm(name, BENCHMARKS);
    const benchmark = await entry.load({
      cwd: context.io.cwd,
      ...(model === undefined ? {} : { model }),
      ...(full === undefined ? {} : { full }),
    });
    const measured = await benchmark.run((line) => void context.io.stderr.write(`${line}\n`));
    return {
      document: measured,
      text: () =>
        `${renderPairs(
          leavesOf(measured).map(({ path, value }) => [path, formatValue(value)] as const),
          style,
        )}\n`,
    };
  },
});

function find(benchmarks: readonly BenchmarkEntry[], name: string): BenchmarkEntry {
  const found = benchmarks.find((entry) => entry.name === name);
  if (found !== undefined) return found;
  const known = benchmarks.map((entry) => entry.name);
  const suggestion = nearest(name, known);
  throw new ForgeError('AF_USAGE', `There is no benchmark "${name}".`, {
    at: `bench ${name}`,
    fix: `${suggestion === undefined ? '' : `Did you mean ${suggestion}? `}Benchmarks: ${known.join(', ')}.`,
    facts: { benchmark: name, known, suggestion: suggestion ?? null },
  });
}

function takesNoModel(name: string, benchmarks: readonly BenchmarkEntry[]): ForgeError {
  const others = benchmarks.filter(({ takesModel }) => takesModel !== undefined).map((entry) => entry.name);
  return new ForgeError('AF_USAGE', `The benchmark "${name}" measures no model of yours.`, {
    at: '--model',
    fix: `Leave --model out, or choose one of: ${others.join(', ')}.`,
    facts: { benchmark: name, others },
  });
}

function hasOneForm(name: string, benchmarks: readonly BenchmarkEntry[]): ForgeError {
  const others = benchmarks.filter(({ hasFullForm }) => hasFullForm !== undefined).map((entry) => entry.name);
  return new ForgeError('AF_USAGE', `The benchmark "${name}" has one form.`, {
    at: '--full',
    fix: `Leave --full out, or choose one of: ${others.join(', ')}.`,
    facts: { benchmark: name, others },
  });
}
