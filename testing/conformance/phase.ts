import type {
  ForgeConfig,
  GateResult,
  MetricPoint,
  Phase,
  PhaseResult,
  Plugin,
  PluginEntry,
} from '../../core/contracts/index.js';
import { PHASE_SECONDS } from '../../core/contracts/metrics.js';
import { PHASE } from '../../core/contracts/phase.js';
import { metricPatternOf } from '../../core/contracts/metrics.js';
import { metricPatternRegExp } from '../../core/contracts/metric-pattern.js';
import type { BuiltinCatalogue, PhaseReport, RunReport } from '../../core/kernel/types.js';
import { loadValidator } from '../../core/validation/validator.js';
import type { ConformanceCase, Subject } from '../case.js';
import { expectEqual, expectThat } from '../expect.js';
import { createTestKernel, type TestKernel } from '../kernel.js';

export interface PhaseConformanceOptions {
  /** Phases that run first and give the input, for example `[tinyModels()]`. */
  readonly before?: readonly Plugin[];
  /** Plugins the phase asks for. */
  readonly plugins?: readonly PluginEntry[];
  /** Built-in plugins to have at hand, by name. */
  readonly builtins?: BuiltinCatalogue;
  /** The rest of the config: seed, engine, options. */
  readonly config?: ForgeConfig;
  /** After how many metric and progress events of the phase a pause is asked for, one run each. Default `[1]`. */
  readonly pauseAfter?: readonly number[];
}

/** A kernel whose pipeline ends with the phase under test. */
interface Bench extends TestKernel {
  readonly name: string;
}

async function benchOf(subject: Subject<Plugin>, options: PhaseConformanceOptions): Promise<Bench> {
  const plugin = await subject();
  const { before = [], plugins = [], builtins, config = {} } = options;
  const kernel = await createTestKernel({
    plugins,
    pipeline: [...before, plugin],
    config,
    ...(builtins === undefined ? {} : { builtins }),
  });
  return { ...kernel, name: plugin.name };
}

function completed(report: RunReport, name: string): PhaseReport {
  if (report.error !== null) throw report.error;
  expectThat(report.status === 'completed', `the run ended as ${report.status}`);
  const phase = report.phases.find((one) => one.name === name);
  expectThat(phase?.result != null, `there is no result of ${name}`);
  return phase;
}

/** Name and hash of every model and artifact a phase gave: equal for equal results. */
function bits({ result }: PhaseReport): unknown {
  const files = Object.entries(result?.handoff?.artifacts ?? {});
  return {
    models: result?.models.map(({ name, weights }) => [name, weights.sha256]),
    artifacts: files.map(([purpose, { sha256 }]) => [purpose, sha256]),
  };
}

async function declares(phase: Phase): Promise<void> {
  expectThat(phase.title.trim() !== '', 'the title is empty');
  const validator = await loadValidator();
  for (const [kind, schema] of [
    ['input', phase.input],
    ['output', phase.output],
  ] as const) {
    if (schema !== null) validator.validate(schema, {}, { at: kind });
  }
  for (const [kind, names] of [
    ['metrics', phase.metrics.map(metricPatternOf)],
    ['gates', phase.gates],
  ] as const) {
    expectThat(new Set(names).size === names.length, `${kind} are declared twice: ${names.join(', ')}`);
  }
}

/** A run from start to end, with what was heard meanwhile. */
interface Reference {
  readonly phase: Phase;
  readonly result: PhaseResult;
  readonly metrics: readonly MetricPoint[];
  readonly bits: unknown;
}

async function straightRun({ kernel, events, name }: Bench): Promise<Reference> {
  const report = completed(await kernel.run(), name);
  const metrics = events.filter((event) => event.type === 'metric').filter((point) => point.phase === name);
  return { phase: kernel.resolve(PHASE, name), result: report.result!, metrics, bits: bits(report) };
}

function reports({ phase, result, metrics }: Reference): void {
  const patterns = phase.metrics.map((metric) => metricPatternRegExp(metricPatternOf(metric)));
  const names = new Set(metrics.map((point) => point.name));
  const own = [...names].filter((name) => name !== PHASE_SECONDS);
  const strangers = own.filter((name) => !patterns.some((pattern) => pattern.test(name)));
  expectThat(strangers.length === 0, `metrics that are not declared: ${strangers.join(', ')}`);
  for (const { name, value, reason } of metrics) {
    expectThat(value !== null || reason !== undefined, `metric ${name} is null without a reason`);
  }
  for (const gate of result.gates) checkGate(phase, gate);
}

/** A gate is declared by its name, or by the part before a `/` when it is judged per model. */
function checkGate(phase: Phase, { name, passed, reason }: GateResult): void {
  const declared = phase.gates.some((known) => name === known || name.startsWith(`${known}/`));
  expectThat(declared, `gate ${name} is not declared`);
  expectThat(passed !== null || reason !== undefined, `gate ${name} was not judged, and there is no reason`);
}

async function plans({ kernel, name }: Bench): Promise<void> {
  const plan = await kernel.plan();
  expectEqual(plan.problems, [], 'problems of the plan');
  const phase = plan.phases.find((one) => one.name === name);
  const needs = [phase?.memoryBytes, phase?.diskBytes];
  expectThat(
    needs.every((bytes) => bytes === null || (Number.isFinite(bytes) && bytes! >= 0)),
    `the plan needs ${needs.map(String).join(' and ')} bytes`,
  );
  expectEqual(await kernel.sessions(), [], 'sessions after planning');
}

/** Ask for a pause after `count` metric and progress events of the phase, then go on to the end. */
async function pausedRun({ kernel, name }: Bench, count: number): Promise<PhaseReport> {
  let left = count;
  kernel.hooks.onEvent.tap('phase-conformance', (event) => {
    if ((event.type !== 'metric' && event.type !== 'progress') || event.phase !== name) return;
    left -= 1;
    if (left === 0) kernel.requestPause();
  });
  const paused = await kernel.run();
  if (paused.error !== null) throw paused.error;
  expectThat(
    paused.status === 'paused',
    `a pause was asked for after ${count} events, the run ended as ${paused.status}`,
  );
  return completed(await kernel.run({ resume: paused.sessionId }), name);
}

/** What every phase must do: keep to what it declares, and give the same bits again, also after a pause. */
export function phaseConformance(
  subject: Subject<Plugin>,
  options: PhaseConformanceOptions = {},
): ConformanceCase[] {
  const { pauseAfter = [1] } = options;
  const withBench = async <T>(use: (bench: Bench) => Promise<T>): Promise<T> => {
    const bench = await benchOf(subject, options);
    try {
      return await use(bench);
    } finally {
      await bench.dispose();
    }
  };
  const check = (name: string, run: () => Promise<void>): ConformanceCase => ({ name, run });
  let first: Promise<Reference> | null = null;
  const reference = (): Promise<Reference> => (first ??= withBench(straightRun));
  return [
    check('declares schemas that can be used, metrics and gates', () =>
      withBench(({ kernel, name }) => declares(kernel.resolve(PHASE, name))),
    ),
    check('plans without starting', () => withBench(plans)),
    check('reports what it declares', async () => reports(await reference())),
    check('gives the same bits for the same seed', async () => {
      const again = await withBench(straightRun);
      expectEqual(again.bits, (await reference()).bits, 'a second run');
    }),
    ...pauseAfter.map((count) =>
      check(`gives the same bits after a pause at event ${count}`, async () => {
        const resumed = await withBench(async (bench) => bits(await pausedRun(bench, count)));
        expectEqual(resumed, (await reference()).bits, 'the resumed run');
      }),
    ),
  ];
}
