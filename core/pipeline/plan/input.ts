import type { Handoff, HandoffRecord, SessionRecord } from '../../contracts/index.js';
import { ForgeError, isForgeError } from '../../errors/index.js';
import type { PipelineCore } from '../core.js';
import { readHandoff } from '../session/documents.js';

/** A handoff taken from an earlier session. */
export interface PhaseInput {
  readonly sessionId: string;
  readonly sourcePhase: string;
  /** sha256 of the stored handoff. */
  readonly document: string;
  readonly handoff: Handoff;
}

/**
 * The newest handoff of any session that fits what a phase takes: from a completed phase, intact, and valid by the
 * phase's input schema.
 * @throws ForgeError AF_HANDOFF_MISSING; AF_MODEL_OLD_RECORD when there are but results of an earlier agentforge
 */
export async function findInput(phase: string, schema: object, core: PipelineCore): Promise<PhaseInput> {
  const registry = await core.registry();
  let rejected: string | null = null;
  let old: ForgeError | null = null;
  for (const session of await registry.sessions()) {
    for (const record of await completedHandoffs(session, core)) {
      const found = await tryInput(record, schema, core);
      if (isForgeError(found)) old ??= found;
      else if (typeof found === 'object') return found;
      else rejected ??= `${record.source_phase} of ${session.id}: ${found}`;
    }
  }
  if (old !== null && rejected === null) throw old;
  throw new ForgeError(
    'AF_HANDOFF_MISSING',
    `Phase "${phase}" needs the result of an earlier phase and none fits.`,
    {
      at: `phase ${phase}`,
      fix: `Run the pipeline from the start, or run the phase before "${phase}" first.${rejected === null ? '' : ` The newest handoff does not fit: ${rejected}.`}`,
      facts: { phase },
    },
  );
}

async function completedHandoffs(session: SessionRecord, core: PipelineCore): Promise<HandoffRecord[]> {
  const registry = await core.registry();
  const phases = await registry.phases(session.id);
  const completed = new Set(phases.filter(({ status }) => status === 'completed').map(({ phase }) => phase));
  const handoffs = await registry.handoffs(session.id);
  const usable = handoffs.filter(
    ({ source_phase, validation_status, document }) =>
      validation_status === 'passed' && document !== null && completed.has(source_phase),
  );
  return usable.sort((left, right) => (left.created_at < right.created_at ? 1 : -1));
}

/** The input, or in words why it does not do; the error itself for one of an earlier agentforge. */
async function tryInput(
  record: HandoffRecord,
  schema: object,
  core: PipelineCore,
): Promise<PhaseInput | ForgeError | string> {
  const document = record.document!;
  const { artifacts } = await core.storage();
  try {
    const handoff = await readHandoff(artifacts, document);
    const [problem] = core.validator.validate(schema, handoff, { at: '' });
    if (problem !== undefined) return `${problem.at} ${problem.message}`;
    return { sessionId: record.session_id, sourcePhase: record.source_phase, document, handoff };
  } catch (error) {
    if (isForgeError(error, 'AF_MODEL_OLD_RECORD')) return error;
    if (isForgeError(error)) return error.message;
    throw error;
  }
}
