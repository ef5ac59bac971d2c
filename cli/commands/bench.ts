import type { BenchmarkEntry } from '../../bench/benchmark.js';
import { ForgeError, nearest } from '../../core/errors/index.js';
import { formatValue, styleOf } from '../../plugins/sinks/console/terminal/index.js';
import { defineCommand } from '../command.js';
import { addJsonFlag } from '../config-flags.js';
import { leavesOf } from '../render/leaves.js';

export const command = defineCommand({
  configure(command) {
    addJsonFlag(command).argument('[name]', 'which benchmark; without it they are listed');
  },
  async run(context, _flags, [name]) {
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
    const benchmark = await find(BENCHMARKS, name).load();
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
