import { appendFile, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { optionsOf, run } from '../../../bench/grokfast.js';
import {
  decayName,
  DECAYS,
  over,
  PUBLISHED_DECAY,
  UNDECAYED,
  weakened,
  WEAKENED,
} from '../../../bench/grokfast/arms.js';
import { CI, FULL, runsOf, type StudyForm } from '../../../bench/grokfast/forms.js';
import { mlp } from '../../../bench/grokfast/mlp.js';
import { armReport, compare, paperSpeedup, type Measured } from '../../../bench/grokfast/report.js';
import { runArm, type RunRecord } from '../../../bench/grokfast/run.js';
import { withTemporaryFolder } from '../../../testing/index.js';
import { openTestEngine } from '../../support/training.js';

const quiet = (): void => undefined;

/** Seconds at most: four arms of a tiny toy, which learns nothing. */
const TINY: StudyForm = {
  ...CI,
  ...{ prime: 5, seeds: [1, 2] },
  toy: mlp({ prime: 5, embedding: 4, hidden: 6 }),
  waves: [[...over('B', [PUBLISHED_DECAY]), ...over('D', [PUBLISHED_DECAY])], [UNDECAYED.A]],
  budget: ({ decay }) => (decay.kind === 'none' ? 30 : 20),
};

/** Runs that took so many steps, a second for every 100; null: given up. */
function runs(budget: number, steps: readonly (number | null)[]): RunRecord[] {
  return steps.map((validation95, seed) => ({
    ...{ arm: '', settings: '', seed, budget, steps: validation95 ?? budget, train95: 100, validation95 },
    seconds95: validation95 === null ? null : validation95 / 100,
    seconds: (validation95 ?? budget) / 100,
    ...{ finalTrain: 1, finalValidation: validation95 === null ? 0.1 : 0.96, delayRatio: null },
    verdict: validation95 === null ? 'memorised_only' : 'grokked',
    stateBytes: 4,
  }));
}

const L2 = DECAYS.slice(0, 3);
const measured: Measured = [
  { arm: UNDECAYED.A, records: runs(3000, [null, null, null]) },
  ...over('B', L2).map((arm, i) => ({
    arm,
    records: runs(
      2500,
      [
        [900, 950, 1000],
        [800, 700, 900],
        [600, null, null],
      ][i]!,
    ),
  })),
  ...over('D', L2).map((arm, i) => ({
    arm,
    records: runs(
      2500,
      [
        [1100, 1000, 1200],
        [900, 900, 900],
        [500, 400, null],
      ][i]!,
    ),
  })),
];

describe('what is reported', () => {
  test('an arm: medians, extremes, and bounds where runs were given up', () => {
    const report = armReport(measured[3]!);
    expect(report).toMatchObject({
      ...{ arm: 'B, no filter, L2 .005', runs: 3, censored: 2, millisecondsPerUpdate: 10 },
      validation95: {
        median: { low: 2500, high: null },
        least: { low: 600, high: 600 },
        greatest: { low: 2500, high: null },
      },
      verdicts: { grokked: 1, memorised_only: 2 },
    });
  });

  test('the published ratio is a bound when its baseline never generalised', () => {
    expect(paperSpeedup(measured)).toEqual({
      steps: { low: 6, high: null },
      seconds: { low: 6, high: null },
    });
  });

  test('equal, effective and tuned decay', () => {
    const { equalDecay, effectiveDecay, tuned, best } = compare(measured, 'B', 'D');
    expect(equalDecay).toMatchObject({
      'L2 .0005': { steps: { low: 950 / 1100, high: 950 / 1100 } },
      'L2 .00167': { steps: { low: 800 / 900, high: 800 / 900 } },
      'L2 .005': { steps: { low: 5, high: null } },
    });
    expect(effectiveDecay['L2 .005']!.steps).toEqual({ low: 800 / 500, high: 800 / 500 });
    expect(effectiveDecay['L2 .0005']).toBeNull();
    expect(tuned).toEqual({ steps: { low: 1.6, high: 1.6 }, seconds: { low: 1.6, high: 1.6 } });
    expect(best).toEqual({ without: 'L2 .00167', with: 'L2 .005' });
  });

  test('nothing is made of arms that were not run', () => {
    expect(compare(measured, 'F', 'G')).toMatchObject({ tuned: null, best: { without: null, with: null } });
    expect(paperSpeedup([])).toBeNull();
  });
});

describe('the plan', () => {
  test('the grid holds what the filter leaves of the published decay, and arms have names of their own', () => {
    expect(DECAYS.map(decayName)).toEqual(['L2 .0005', 'L2 .00167', 'L2 .005', 'L2 .015', 'AdamW 1']);
    expect(DECAYS).toContainEqual(weakened(PUBLISHED_DECAY));
    expect(WEAKENED.map(({ decay }) => decayName(decay))).toEqual(['AdamW .333']);
  });

  test.each([CI, FULL])('$name: the arms of the specification, over at least three seeds', (form) => {
    const names = new Set(form.waves.flat().map(({ name }) => name));
    for (const name of ['A', 'B', 'C', 'D', 'E', 'F', 'G', 'H none', 'H EMA']) expect(names).toContain(name);
    expect(form.seeds.length).toBeGreaterThanOrEqual(form === CI ? 5 : 3);
    const all = runsOf(form);
    expect(all.length).toBe(form.waves.flat().length * form.seeds.length);
  });
});

describe('a study', () => {
  test('is measured, and told as a table', async () => {
    const lines: string[] = [];
    const report = await run((line) => lines.push(line), { form: TINY, threads: 1 });
    expect(report.arms.map(({ arm, runs: count, censored }) => [arm, count, censored])).toEqual([
      ['A, no filter, 0', 2, 2],
      ['B, no filter, L2 .005', 2, 2],
      ['D, EMA, L2 .005', 2, 2],
    ]);
    expect(report.speedups.paper!.steps).toEqual({ low: 0, high: null });
    expect(report.runs.map(({ steps }) => steps)).toEqual([20, 20, 20, 20, 30, 30]);
    expect(report.peakProcessBytes).toBeGreaterThan(1e7);
    expect(lines.filter((line) => line.startsWith('['))).toHaveLength(6);
    expect(lines.some((line) => line.startsWith('A, no filter, 0 '))).toBe(true);
    // A table after each of the two waves: the first has two arms.
    expect(lines.filter((line) => line.startsWith('arm '))).toHaveLength(2);
    expect(lines.filter((line) => line.startsWith('B, no filter, L2 .005 '))).toHaveLength(2);
    expect(lines.some((line) => line.includes('speedup_tuned; none and none'))).toBe(true);
  });

  test('goes on where it was killed', async () => {
    await withTemporaryFolder(async (folder) => {
      const first = await run(quiet, { form: { ...TINY, seeds: [1] }, threads: 1, folder });
      const file = join(folder, 'grokfast-ci.jsonl');
      const before = await readFile(file, 'utf8');
      // A line that was being written, and a run under other settings.
      await appendFile(
        file,
        `${before.split('\n')[0]!.replace('rate 0.001', 'rate 1').replace('"seed":1', '"seed":2')}\n{"arm":"B`,
      );
      const lines: string[] = [];
      const both = await run((line) => lines.push(line), { form: TINY, threads: 1, folder });
      expect(both.runs.filter(({ seed }) => seed === 1)).toEqual(first.runs);
      expect(lines.filter((line) => line.endsWith(', kept'))).toHaveLength(3);
      expect(lines.filter((line) => /^\[\d\/6\]/.test(line))).toHaveLength(6);
    });
  });

  test('options of the command', () => {
    expect(optionsOf({}, { cwd: '/p', full: false })).toEqual({ form: CI, threads: null, folder: null });
    const full = optionsOf({ AGENTFORGE_BENCH_THREADS: '1' }, { cwd: '/p', full: true });
    expect(full).toMatchObject({
      form: FULL,
      threads: 1,
      folder: join('/p', '.agentforge', 'cache', 'bench'),
    });
    const named = optionsOf({ AGENTFORGE_BENCH_FOLDER: '/there' }, { cwd: '/p', full: false });
    expect(named.folder).toBe('/there');
  });
});

describe('the ten-minute form on one seed', () => {
  test('without decay the toy memorises and that is all; with it, it groks; the same seed gives the same run', async () => {
    const engine = await openTestEngine();
    try {
      const short: StudyForm = { ...CI, budget: ({ decay }) => (decay.kind === 'none' ? 300 : 1000) };
      const none = await runArm(engine, short, UNDECAYED.A, 0, quiet);
      expect(none).toMatchObject({
        verdict: 'memorised_only',
        validation95: null,
        seconds95: null,
        steps: 300,
      });
      const [arm] = over('B', [PUBLISHED_DECAY]);
      const decayed = await runArm(engine, short, arm!, 0, quiet);
      expect(decayed.verdict).toBe('grokked');
      expect(decayed.validation95).toBeLessThan(900);
      expect(decayed.delayRatio).toBeGreaterThan(2);
      const again = await runArm(engine, short, arm!, 0, quiet);
      const { seconds: _, seconds95: __, ...same } = decayed;
      expect(again).toMatchObject(same);
    } finally {
      await engine.dispose();
    }
  });
});
