import type { Lessons } from '../learning.js';

/** Results beside each other, one column each: what was measured, then what each of them wrote. */
export function tableOf(results: readonly Lessons[]): readonly string[] {
  if (results.length === 0) return [];
  const rows: (readonly string[])[] = [
    ['', ...results.map(({ variant, seed }) => `${variant} (${seed})`)],
    row('parameters', results, ({ parameters }) => parameters.toLocaleString('en-US')),
    row('updates', results, ({ updates }) => String(updates)),
    row('seconds', results, ({ curve }) => curve.at(-1)!.seconds.toFixed(0)),
    row('held out, nats', results, ({ curve }) => curve.at(-1)!.heldOut.toFixed(4)),
    ...namesOf(results, ({ heldOut }) => heldOut).map((name) =>
      row(`  ${name}`, results, ({ heldOut }) => heldOut[name]?.toFixed(3)),
    ),
    row('answers exact', results, ({ exact }) => share(exact.right, exact.asked)),
    ...namesOf(results, ({ free }) => free).map((name) =>
      row(`  ${name}, free`, results, ({ free }) => {
        const { accuracy, asked } = free[name] ?? { accuracy: null, asked: 0 };
        return accuracy === null ? undefined : share(Math.round(accuracy * asked), asked);
      }),
    ),
    row('tool calls in form', results, ({ toolCalls }) => share(toolCalls.right, toolCalls.asked)),
    ...curveRows(results),
    row('nats per character', results, ({ natsPerCharacter }) => natsPerCharacter?.toFixed(4)),
  ];
  const known = rows.filter(([, ...cells]) => cells.some((cell) => cell !== '-'));
  const widths = known[0]!.map((_, i) => Math.max(...known.map((cells) => cells[i]!.length)));
  const lines = known.map((cells) =>
    cells
      .map((cell, i) => cell.padEnd(widths[i]!))
      .join('  ')
      .trimEnd(),
  );
  const samples = results.flatMap(({ variant, seed, sample }) =>
    sample === null ? [] : [`${variant} (${seed}) writes: ${JSON.stringify(sample)}`],
  );
  return ['', ...lines, ...samples];
}

function row(
  name: string,
  results: readonly Lessons[],
  cell: (result: Lessons) => string | undefined,
): readonly string[] {
  return [name, ...results.map((result) => cell(result) ?? '-')];
}

function share(right: number, asked: number): string | undefined {
  return asked === 0 ? undefined : `${((100 * right) / asked).toFixed(1)} % of ${asked}`;
}

function namesOf(results: readonly Lessons[], of: (result: Lessons) => object): readonly string[] {
  return [...new Set(results.flatMap((result) => Object.keys(of(result))))];
}

/** One row for each dataset and depth or distance: the share that is exact after each recursion step. */
function curveRows(results: readonly Lessons[]): readonly (readonly string[])[] {
  const names = results.flatMap(({ curves }) =>
    curves.flatMap(({ dataset, exact }) => Object.keys(exact).map((value) => `${dataset} ${value}`)),
  );
  return [...new Set(names)].map((name) =>
    row(`  ${name}, by step`, results, ({ curves }) => {
      const [dataset, value] = name.split(' ') as [string, string];
      return curves
        .find((curve) => curve.dataset === dataset)
        ?.exact[value]?.map(({ right, asked }) => ((100 * right) / asked).toFixed(0))
        .join(' ');
    }),
  );
}
