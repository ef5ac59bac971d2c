import { join } from 'node:path';
import { ENGINE, type EngineInfo } from '../core/contracts/index.js';
import { onnxruntime } from '../plugins/engines/onnxruntime/index.js';
import { implementationOf } from '../testing/implementation.js';
import { decayName, DECAYS, type Arm } from './grokfast/arms.js';
import { CI, FULL, runsOf, type StudyForm } from './grokfast/forms.js';
import { Records } from './grokfast/records.js';
import { studyReport, type StudyReport } from './grokfast/report.js';
import { runArm, settingsOf, type RunRecord } from './grokfast/run.js';
import { tableOf } from './grokfast/table.js';

export interface GrokfastBenchmarkOptions {
  readonly form?: StudyForm;
  /** Threads of the CPU engine; null: the engine's default. */
  readonly threads?: number | null;
  /** Folder of the finished runs; null: nothing is kept, and everything is measured anew. */
  readonly folder?: string | null;
}

export interface GrokfastReport extends StudyReport, Readonly<Record<string, unknown>> {
  readonly form: string;
  readonly settings: string;
  readonly seeds: readonly number[];
  readonly engine: EngineInfo;
  /** The largest that this process was, bytes. */
  readonly peakProcessBytes: number;
  readonly runs: readonly RunRecord[];
}

/** `AGENTFORGE_BENCH_FOLDER=/data/grokfast`, `..._THREADS=1`; the full form keeps its runs in the cache of the folder. */
export function optionsOf(
  env: NodeJS.ProcessEnv,
  { cwd, full }: { readonly cwd: string; readonly full: boolean },
): Required<GrokfastBenchmarkOptions> {
  const threads = env['AGENTFORGE_BENCH_THREADS'];
  const cache = full ? join(cwd, '.agentforge', 'cache', 'bench') : null;
  return {
    form: full ? FULL : CI,
    threads: threads === undefined ? null : Number(threads),
    folder: env['AGENTFORGE_BENCH_FOLDER'] ?? cache,
  };
}

/**
 * `agentforge bench grokfast`: how many updates and seconds a toy takes to generalise on modular addition, with and without
 * the Grokfast filter, each at several weight decays (Power et al. 2022; Lee et al. 2024). Finished runs of a study that was
 * killed are not run again.
 */
export async function run(
  say: (line: string) => void,
  { form = CI, threads = null, folder = null }: GrokfastBenchmarkOptions = {},
): Promise<GrokfastReport> {
  const records = await Records.open(
    folder === null ? null : join(folder, `grokfast-${form.name}.jsonl`),
    form,
  );
  const engine = await (
    await implementationOf(ENGINE, onnxruntime(threads === null ? {} : { threads }))
  ).open();
  try {
    say(`${settingsOf(form)}; seeds ${form.seeds.join(', ')}`);
    if (records.file !== null) say(`finished runs are kept in ${records.file}`);
    const all = runsOf(form);
    for (const [i, { arm, seed, wave }] of all.entries()) {
      const known = records.find(arm, seed);
      const record = known ?? (await runArm(engine, form, arm, seed, say));
      if (known === undefined) await records.add(record);
      say(`[${i + 1}/${all.length}] ${lineOf(record)}${known === undefined ? '' : ', kept'}`);
      // A long study is read before it is over.
      if (wave !== all[i + 1]?.wave)
        for (const line of tableOf(studyReport(measuredOf(form, records)))) say(line);
    }
    const report = studyReport(measuredOf(form, records));
    return {
      ...{ form: form.name, settings: settingsOf(form), seeds: form.seeds, engine: engine.info },
      ...report,
      peakProcessBytes: process.resourceUsage().maxRSS * 1024,
      runs: all.map(({ arm, seed }) => records.find(arm, seed)!),
    };
  } finally {
    await engine.dispose();
  }
}

/** Where a decay stands in the grid. */
function placeOf({ decay }: Arm): number {
  return DECAYS.findIndex((one) => decayName(one) === decayName(decay));
}

/** Arms that have records, by name and decay. */
export function measuredOf(form: StudyForm, records: Records) {
  const recordsOf = (arm: Arm): RunRecord[] => form.seeds.flatMap((seed) => records.find(arm, seed) ?? []);
  return form.waves
    .flat()
    .map((arm) => ({ arm, records: recordsOf(arm) }))
    .filter((measured) => measured.records.length > 0)
    .sort((a, b) => a.arm.name.localeCompare(b.arm.name) || placeOf(a.arm) - placeOf(b.arm));
}

function lineOf({ arm, seed, budget, train95, validation95, seconds, steps, verdict }: RunRecord): string {
  const at = (step: number | null): string => (step === null ? `not within ${budget}` : `at ${step}`);
  return [
    `${arm}, seed ${seed}: train 95 % ${at(train95)}`,
    `validation 95 % ${at(validation95)}`,
    verdict,
    `${seconds.toFixed(1)} s of updates, ${((1000 * seconds) / steps).toFixed(1)} ms each`,
  ].join(', ');
}
