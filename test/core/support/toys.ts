import { Type } from '@sinclair/typebox';
import {
  definePhase,
  withDefault,
  type GateResult,
  type Handoff,
  type ModelRef,
  type Phase,
  type PhaseContext,
  type PhaseResult,
} from '../../../core/contracts/index.js';
import { modelRef } from '../../../testing/fixtures/records.js';

const SCHEMA = 'agentforge:handoff/toy-count@1';

/** Schema of a handoff whose facts hold a number. */
export const CountHandoff = {
  type: 'object',
  required: ['schema', 'facts'],
  properties: {
    schema: { const: SCHEMA },
    facts: { type: 'object', required: ['count'], properties: { count: { type: 'integer', minimum: 0 } } },
  },
};

export function handoffOf(source: string, count: number, models: readonly ModelRef[] = []): Handoff {
  return {
    schema: SCHEMA,
    source_phase: source,
    created_at: new Date().toISOString(),
    models,
    artifacts: {},
    data: null,
    facts: { count },
  };
}

export function resultOf(facts: Partial<PhaseResult> = {}): PhaseResult {
  return {
    models: [],
    metrics: {},
    gates: [],
    handoff: null,
    warnings: [],
    ...facts,
  };
}

export function gate(name: string, facts: Partial<GateResult> = {}): GateResult {
  return { name, class: 'target', passed: true, measured: 1, target: '>= 1', ...facts };
}

/** What a toy phase does at each step, for tests that interfere. */
export interface ToyScript {
  /** Before each step of `count`. */
  onStep?(step: number, context: PhaseContext): void | Promise<void>;
  /** Steps that were really computed, over all runs. */
  readonly steps: string[];
}

const StepOptions = Type.Object(
  { steps: withDefault(Type.Integer({ minimum: 0 }), 4), by: withDefault(Type.Integer(), 1) },
  { additionalProperties: false },
);

/**
 * Adds up a number step by step with a checkpoint after each, as a real phase does: from the seed when it is the
 * first, from the handoff of the phase before otherwise.
 */
export function countingPhase(
  name: string,
  script: ToyScript,
  shape: Partial<Phase> & { readonly first: boolean },
) {
  const { first, ...overrides } = shape;
  return definePhase({
    name,
    options: StepOptions,
    create: ({ steps, by }) => ({
      title: `Count (${name})`,
      input: first ? null : CountHandoff,
      output: CountHandoff,
      metrics: ['count'],
      gates: [],
      run: (context, input) => count(name, { steps, by }, script, context, input),
      ...overrides,
    }),
  });
}

async function count(
  name: string,
  { steps, by }: { readonly steps: number; readonly by: number },
  script: ToyScript,
  context: PhaseContext,
  input: Handoff | null,
): Promise<PhaseResult> {
  const saved = await context.checkpoints.latest();
  let { step, total } = (saved?.state ?? {
    step: 0,
    total: Number(input?.facts['count'] ?? context.seed),
  }) as { step: number; total: number };
  const save = (): Promise<void> => context.checkpoints.save({ step, tensors: {}, state: { step, total } });
  while (step < steps) {
    await script.onStep?.(step, context);
    script.steps.push(`${name}:${step}`);
    total = (total * 31 + by * (step + 1)) % 1_000_003;
    step += 1;
    context.metric('count', total, { step });
    context.progress({
      task: 'count',
      done: step,
      total: steps,
      unit: 'steps',
      values: { total },
      etaSeconds: null,
      phaseFraction: step / steps,
    });
    await save();
    await context.pausePoint(save);
  }
  const text = await context.store.put('model.txt', `total ${total}`);
  const base = modelRef(`${name}_model_${context.sessionId}`, context.sessionId);
  const model: ModelRef = {
    ...base,
    weights: text,
    tokenizer: null,
    sidecars: {},
    metadata: { ...base.metadata, session_id: context.sessionId, phase_name: name },
  };
  return resultOf({ models: [model], metrics: { total }, handoff: handoffOf(name, total, [model]) });
}

export function script(onStep?: ToyScript['onStep']): ToyScript {
  return { steps: [], onStep };
}
