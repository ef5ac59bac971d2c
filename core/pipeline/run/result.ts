import { Type } from '@sinclair/typebox';
import {
  loadHandoffSchema,
  type ArtifactRef,
  type ArtifactStore,
  type Handoff,
  type Phase,
  type PhaseResult,
} from '../../contracts/index.js';
import { type ErrorCode, ForgeError, isForgeError, type Problem, problemsError } from '../../errors/index.js';
import { decodeJson, encodeJson } from '../../contracts/json-numbers.js';
import { messageOf } from '../../errors/message-of.js';
import { freezePlain } from '../../validation/plain.js';
import type { Validator } from '../../validation/validator.js';

/** A number (NaN and infinities included, which `number` would refuse), text, boolean or null. */
const Measured = Type.Not(Type.Union([Type.Object({}), Type.Array(Type.Unknown())]));
const Gate = Type.Object({
  name: Type.String({ minLength: 1 }),
  class: Type.Union([Type.Literal('integrity'), Type.Literal('target')]),
  passed: Type.Union([Type.Boolean(), Type.Null()]),
  measured: Measured,
  target: Type.String(),
  reason: Type.Optional(Type.String()),
});

/** JSON Schema of what every phase returns, whatever it does. */
const PhaseResultSchema = Type.Object({
  models: Type.Array(Type.Object({})),
  metrics: Type.Record(Type.String(), Measured),
  gates: Type.Array(Gate),
  handoff: Type.Union([Type.Object({}), Type.Null()]),
  warnings: Type.Array(Type.String()),
  tables: Type.Optional(
    Type.Array(
      Type.Object({
        title: Type.String(),
        columns: Type.Array(Type.String()),
        rows: Type.Array(Type.Array(Type.String())),
      }),
    ),
  ),
});

/** JSON Schema of the models of a result and of its handoff: references that registry and reports can rely on. */
function modelsSchema(): object {
  const { $ref: envelope, $defs } = loadHandoffSchema('envelope');
  const models = { type: 'array', items: { $ref: `${String(envelope)}#/$defs/model` } };
  const handoff = { type: ['object', 'null'], required: ['models'], properties: { models } };
  return { properties: { models, handoff }, $defs };
}

/**
 * A result as it will be stored and read back, frozen: whoever is shown it, phase and hooks, can change it no more.
 * @throws ForgeError AF_PHASE_OUTPUT when JSON cannot hold it
 */
export function detachedResult(name: string, result: PhaseResult): PhaseResult {
  try {
    return freezePlain(decodeJson(encodeJson((result as PhaseResult | undefined) ?? null))) as PhaseResult;
  } catch (cause) {
    throw new ForgeError(
      'AF_PHASE_OUTPUT',
      `The result (phase "${name}") cannot be stored: ${messageOf(cause)}`,
      {
        at: `phase ${name}`,
        cause,
        fix: 'A result is plain data: tensors go into the artifact store, the result refers to them.',
        facts: { phase: name },
      },
    );
  }
}

/**
 * A result must be complete: every field, every gate the phase declares, and the handoff its schema promises.
 * @throws ForgeError AF_PHASE_OUTPUT with every problem
 */
export function checkResult(name: string, phase: Phase, result: PhaseResult, validator: Validator): void {
  const problems = validator.validate(PhaseResultSchema, result, { at: 'result' });
  if (problems.length === 0) problems.push(...validator.validate(modelsSchema(), result, { at: 'result' }));
  if (problems.length === 0) {
    const reported = result.gates.map((gate) => gate.name);
    const missing = phase.gates.filter(
      (gate) => !reported.some((name) => name === gate || name.startsWith(`${gate}/`)),
    );
    problems.push(
      ...missing.map((gate): Problem => ({
        at: 'result.gates',
        message: `the gate "${gate}" is missing`,
        expected: 'every declared gate',
        fix: `Report "${gate}", with passed null and a reason when it cannot be measured.`,
      })),
    );
    problems.push(...handoffProblems(phase, result.handoff, validator));
  }
  if (problems.length > 0) throw outputError('AF_PHASE_OUTPUT', name, 'The result', problems);
}

/**
 * The files of the models must be stored: a model without them would be found out only when somebody loads it.
 * @throws ForgeError AF_PHASE_OUTPUT naming every file that is not there
 */
export function checkStored(name: string, result: PhaseResult, artifacts: ArtifactStore): void {
  const models = [...result.models, ...(result.handoff?.models ?? [])];
  const files = models.flatMap(({ id, weights, tokenizer, sidecars }) =>
    [weights, ...(tokenizer === null ? [] : [tokenizer]), ...Object.values(sidecars)].map((ref) => ({
      id,
      ref,
    })),
  );
  const missing = files.filter(({ ref }) => !isStored(ref, artifacts));
  const problems = missing.map(({ id, ref }): Problem => ({
    at: `model ${id}`,
    message: `its file ${ref.name} is not in the artifact store`,
    found: ref.sha256,
    fix: 'Refer to what ctx.store.put or ctx.store.putTensors gave.',
  }));
  if (problems.length > 0) throw outputError('AF_PHASE_OUTPUT', name, 'The result', problems);
}

function isStored(ref: ArtifactRef, artifacts: ArtifactStore): boolean {
  try {
    artifacts.path(ref);
    return true;
  } catch (error) {
    if (isForgeError(error) && error.code === 'AF_ARTIFACT_MISSING') return false;
    throw error;
  }
}

/** @throws ForgeError AF_HANDOFF_INVALID when a hook made of a handoff what its schema does not allow */
export function checkHandoff(
  name: string,
  phase: Phase,
  handoff: Handoff | null,
  validator: Validator,
): void {
  const problems = handoffProblems(phase, handoff, validator);
  if (problems.length > 0) throw outputError('AF_HANDOFF_INVALID', name, 'The modified handoff', problems);
}

/**
 * What a phase is given must fit its input schema.
 * @throws ForgeError AF_HANDOFF_INVALID, AF_HANDOFF_MISSING
 */
export function checkInput(name: string, phase: Phase, input: Handoff | null, validator: Validator): void {
  if (phase.input === null) return;
  if (input === null) {
    throw new ForgeError('AF_HANDOFF_MISSING', `Phase "${name}" takes a handoff and there is none.`, {
      at: `phase ${name}`,
      fix: 'Put the phase that makes it before this one.',
    });
  }
  const problems = validator.validate(phase.input, input, { at: `the input of phase ${name}` });
  if (problems.length > 0)
    throw outputError('AF_HANDOFF_INVALID', name, `The handoff of "${input.source_phase}"`, problems);
}

function handoffProblems(phase: Phase, handoff: Handoff | null, validator: Validator): Problem[] {
  if (phase.output === null) {
    return handoff === null
      ? []
      : [
          {
            at: 'result.handoff',
            message: 'is not declared',
            expected: 'null',
            found: handoff.schema,
            fix: 'Give the phase an output schema.',
          },
        ];
  }
  return validator.validate(phase.output, handoff, { at: 'result.handoff' });
}

function outputError(
  code: ErrorCode,
  phase: string,
  subject: string,
  problems: readonly Problem[],
): ForgeError {
  const where = problems.map((problem) => ({ ...problem, source: problem.source ?? `phase ${phase}` }));
  return problemsError(
    code,
    `${subject} (phase "${phase}")`,
    where,
    `This is a mistake in the phase plugin "${phase}" or in a hook that changes what it gives.`,
  );
}
