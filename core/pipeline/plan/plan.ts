import { PHASE, type Phase, type PhasePlan, type PlanContext } from '../../contracts/index.js';
import { isForgeError, type ForgeError, type Problem } from '../../errors/index.js';
import { messageOf } from '../../errors/message-of.js';
import type { PhasePlanReport, PhaseSelection, RunPlan } from '../../kernel/types.js';
import { describeValue } from '../../validation/describe.js';
import { isPlainObject } from '../../validation/plain.js';
import { validated } from '../../validation/validated.js';
import { checkNeighbours } from './compatibility.js';
import type { PipelineCore } from '../core.js';
import { PluginUse } from './plugin-use.js';
import { findTarget, type Target } from './target.js';

/** Of a phase that is not run again. */
const NOTHING: PhasePlan = { facts: {}, memoryBytes: 0, diskBytes: 0, problems: [] };
/** Of a phase that says nothing. */
const UNKNOWN: PhasePlan = { facts: {}, memoryBytes: null, diskBytes: null, problems: [] };

/** What a selection would do; whatever forbids it is a problem of the plan. */
export async function planRun(selection: PhaseSelection, core: PipelineCore): Promise<RunPlan> {
  try {
    return await planTarget(await findTarget(selection, core), core);
  } catch (error) {
    if (!isForgeError(error)) throw error;
    return planOf({ problems: problemsFrom(error) }, core);
  }
}

/** The plan of a target: every phase that is left asked for its needs, neighbours, memory and disk checked. */
export async function planTarget(target: Target, core: PipelineCore): Promise<RunPlan> {
  const problems: Problem[] = [];
  const reports: PhasePlanReport[] = [];
  const use = new PluginUse(core);
  const warnings: string[] = [];
  for (const [index, name] of target.phases.entries()) {
    const phase = core.points.resolve(PHASE, name);
    const skip = index < target.start;
    const plan = skip ? NOTHING : await planPhase(name, phase, core, use);
    const started = index === target.start && target.records.has(name) && !target.rollback;
    const { facts, memoryBytes, diskBytes } = plan;
    const known = memoryBytes !== null && diskBytes !== null;
    reports.push({
      name,
      title: phase.title,
      action: skip ? 'skip' : started ? 'resume' : 'run',
      facts,
      memoryBytes,
      diskBytes,
      unknown: known ? null : (plan.unknown ?? 'not known: the phase does not say'),
    });
    warnings.push(...(plan.warnings ?? []).map((warning) => `${name}: ${warning}`));
    problems.push(
      ...plan.problems.map((problem) => ({ ...problem, source: problem.source ?? `phase ${name}` })),
    );
  }
  problems.push(...checkOrder(target, core));
  const input =
    target.input === null
      ? null
      : {
          sessionId: target.input.sessionId,
          sourcePhase: target.input.sourcePhase,
          document: target.input.document,
        };
  if (target.session === null) warnings.push(...use.unused(saysAll(target, core)));
  checkMemory(reports, core, problems, warnings);
  const disk = await checkDisk(reports, core, problems, warnings);
  return planOf({ phases: reports, disk, input, problems, warnings }, core);
}

/** Only a plan of the whole pipeline, all of whose phases say what they need, can tell what nobody needs. */
function saysAll({ phases, start }: Target, { config, points }: PipelineCore): boolean {
  const whole = start === 0 && phases.length === config.pipeline.length;
  return whole && phases.every((name) => points.resolve(PHASE, name).plan !== undefined);
}

async function planPhase(name: string, phase: Phase, core: PipelineCore, use: PluginUse): Promise<PhasePlan> {
  const schemas = [...schemaProblems(name, phase, core), ...metricProblems(name, phase)];
  if (schemas.length > 0) return { ...UNKNOWN, problems: schemas };
  if (phase.plan === undefined) return UNKNOWN;
  const { config, paths, points, validator } = core;
  const { plugin } = points.providerOf(PHASE, name);
  const call = { plugin, name, what: 'phase.plan' };
  const context: PlanContext = {
    seed: config.seed,
    data: { root: paths.data, cache: paths.cache },
    resolve: (token, implementation, overrides) => points.resolve(token, implementation, overrides),
    names: (token) => points.names(token),
    validate: (schema, value, at) => validated(validator, schema, value, at),
  };
  try {
    return checkedPlan(await core.calls.wait(call, () => phase.plan!(use.watch(context))));
  } catch (error) {
    if (isForgeError(error)) return { ...UNKNOWN, problems: problemsFrom(error) };
    return {
      ...UNKNOWN,
      problems: [
        {
          at: `phase ${name}`,
          message: `could not be planned: ${messageOf(error)}`,
          fix: `Look at the plan of "${name}".`,
        },
      ],
    };
  }
}

/** Every metric must be told by its pattern, or described: sinks and reports rely on it. */
function metricProblems(name: string, phase: Phase): Problem[] {
  return phase.metrics.flatMap((metric: unknown, index) => {
    const isDescriptor =
      isPlainObject(metric) &&
      ['name', 'unit', 'description'].every((key) => typeof metric[key] === 'string' && metric[key] !== '');
    if (isDescriptor || (typeof metric === 'string' && metric !== '')) return [];
    const expected = 'a pattern of the catalogue, or { name, unit, description, direction? }';
    return [
      {
        at: `phase ${name}: metrics[${index}]`,
        message: 'is no metric',
        expected,
        found: describeValue(metric),
      },
    ];
  });
}

/** Input and output must be JSON Schemas before the phase works for hours. */
function schemaProblems(name: string, phase: Phase, { validator }: PipelineCore): Problem[] {
  return (['input', 'output'] as const).flatMap((which) => {
    const schema = phase[which];
    if (schema === null) return [];
    try {
      validator.validate(schema, {}, { at: `the ${which} of phase ${name}` });
      return [];
    } catch (error) {
      if (isForgeError(error)) return problemsFrom(error);
      throw error;
    }
  });
}

/** @throws TypeError when a phase's plan is none */
function checkedPlan(plan: unknown): PhasePlan {
  if (!isPlainObject(plan)) throw new TypeError(`its plan is ${describeValue(plan)}`);
  const given = plan as Partial<PhasePlan>;
  const { facts = {}, memoryBytes = null, diskBytes = null, problems = [], unknown, warnings = [] } = given;
  const isNeed = (value: unknown): boolean => value === null || (typeof value === 'number' && value >= 0);
  if (!isNeed(memoryBytes) || !isNeed(diskBytes))
    throw new TypeError('memoryBytes and diskBytes of its plan are not numbers from 0 on, nor null');
  if (!Array.isArray(problems) || !Array.isArray(warnings) || !isPlainObject(facts))
    throw new TypeError('problems and warnings of its plan are no lists, or its facts no object');
  return {
    facts,
    memoryBytes,
    diskBytes,
    problems: problems as PhasePlan['problems'],
    warnings: warnings.map(String),
    ...(typeof unknown === 'string' ? { unknown } : {}),
  };
}

function checkOrder({ phases, start, session, input }: Target, core: PipelineCore): Problem[] {
  const named = phases.map((name) => ({ name, phase: core.points.resolve(PHASE, name) }));
  const left = named.slice(start);
  const problems = left.slice(1).map((after, index) => checkNeighbours(left[index]!, after));
  const [first] = left;
  const needsInput = session === null && input === null && first !== undefined && first.phase.input !== null;
  if (needsInput) {
    problems.push({
      at: 'pipeline[0]',
      message: `"${first.name}" takes the result of an earlier phase, and it comes first`,
      expected: 'a phase that starts from nothing',
      found: first.name,
      fix: `Put the phase that makes its input before it, or run it with --from ${first.name}.`,
    });
  }
  return problems.filter((problem) => problem !== null);
}

function planOf(parts: Partial<RunPlan>, { machine }: PipelineCore): RunPlan {
  const {
    phases = [],
    disk = { needed: null, free: null },
    input = null,
    problems = [],
    warnings = [],
  } = parts;
  const known = phases.flatMap(({ memoryBytes }) => memoryBytes ?? []);
  const needed = known.length === 0 ? null : Math.max(...known);
  const { totalMemory: total, availableMemory: available } = machine();
  return { phases, memory: { needed, total, available }, disk, input, problems, warnings };
}

/** More memory than is free right now is a warning, more than there is a problem. */
function checkMemory(
  reports: readonly PhasePlanReport[],
  { machine }: PipelineCore,
  problems: Problem[],
  warnings: string[],
): void {
  const { totalMemory, availableMemory } = machine();
  for (const { name, memoryBytes } of reports) {
    if (memoryBytes === null) continue;
    if (memoryBytes > totalMemory) {
      problems.push({
        at: `phase ${name}`,
        message: 'needs more memory than this machine has',
        expected: `at most ${gigabytes(totalMemory)}`,
        found: gigabytes(memoryBytes),
        fix: 'Make the model or the batch smaller.',
      });
    } else if (memoryBytes > availableMemory) {
      warnings.push(
        `Phase "${name}" needs ${gigabytes(memoryBytes)} of memory and ${gigabytes(availableMemory)} are free now.`,
      );
    }
  }
}

async function checkDisk(
  reports: readonly PhasePlanReport[],
  core: PipelineCore,
  problems: Problem[],
  warnings: string[],
): Promise<RunPlan['disk']> {
  const known = reports.flatMap(({ diskBytes }) => diskBytes ?? []);
  const needed = known.length === 0 ? null : known.reduce((sum, bytes) => sum + bytes, 0);
  const free = await freeSpace(core, warnings);
  if (free !== null && needed !== null && needed > free) {
    problems.push({
      at: 'storage.root',
      message: 'the disk has too little free space',
      expected: `at least ${gigabytes(needed)}`,
      found: gigabytes(free),
      fix: 'Free some space (`agentforge clean`), or put storage.root on another disk.',
    });
  }
  return { needed, free };
}

async function freeSpace(core: PipelineCore, warnings: string[]): Promise<number | null> {
  try {
    return await (await core.storage()).freeBytes();
  } catch (error) {
    warnings.push(`The free space of the storage could not be learnt: ${messageOf(error)}`);
    return null;
  }
}

function gigabytes(bytes: number): string {
  return bytes < 1e8 ? `${(bytes / 1e6).toFixed(1)} MB` : `${(bytes / 1e9).toFixed(1)} GB`;
}

/** An error that lists problems as those, any other as one. */
function problemsFrom(error: ForgeError): readonly Problem[] {
  if (error.problems.length > 0) return error.problems;
  return [{ at: error.at ?? error.code, message: error.message, fix: error.fix }];
}
