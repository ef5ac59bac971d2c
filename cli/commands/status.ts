import type { PhaseResult } from '../../core/contracts/phase.js';
import type { PhaseRecord, SessionRecord } from '../../core/contracts/registry.js';
import type { Kernel } from '../../core/kernel/types.js';
import { readDocument } from '../../core/pipeline/session/documents.js';
import { isForgeError } from '../../core/errors/index.js';
import { styleOf } from '../../plugins/sinks/console/terminal/index.js';
import { defineCommand, type CommandContext, type Outcome } from '../command.js';
import { addConfigFlags, addJsonFlag, parseInteger, type ConfigFlags } from '../config-flags.js';
import { withKernel } from '../open-kernel.js';
import { unknownRecord } from '../../tools/models/unknown-record.js';
import type { ListedSession, PhaseDetails } from '../render/sessions.js';

interface StatusFlags extends ConfigFlags {
  readonly session?: string;
  readonly limit: number;
}

const DEFAULT_LIMIT = 20;

export const command = defineCommand<StatusFlags>({
  configure(command) {
    addJsonFlag(addConfigFlags(command))
      .option('--session <id>', 'one session with its phases and models; `latest` for the newest')
      .option('--limit <number>', 'most sessions listed', parseInteger(1), DEFAULT_LIMIT);
  },
  run: (context, flags) =>
    withKernel(context, { flags, scope: 'storage', withoutConfig: 'defaults' }, (kernel) =>
      flags.session === undefined ? list(kernel, flags, context) : show(kernel, flags.session, context),
    ),
});

async function list(kernel: Kernel, flags: StatusFlags, context: CommandContext): Promise<Outcome> {
  const sessions = await kernel.sessions({ limit: flags.limit });
  const listed = await Promise.all(sessions.map((session) => withPhases(kernel, session)));
  return {
    document: { sessions },
    text: async () => {
      const { renderSessions } = await import('../render/sessions.js');
      return renderSessions(listed, styleOf(context.terminal));
    },
  };
}

async function withPhases(kernel: Kernel, session: SessionRecord): Promise<ListedSession> {
  return { session, phases: await (await kernel.registry()).phases(session.id) };
}

async function show(kernel: Kernel, id: string, context: CommandContext): Promise<Outcome> {
  const sessions = await kernel.sessions();
  const session = id === 'latest' ? sessions[0] : sessions.find((candidate) => candidate.id === id);
  if (session === undefined)
    throw unknownRecord(
      'session',
      id,
      sessions.map((candidate) => candidate.id),
    );
  const registry = await kernel.registry();
  const [phases, models] = await Promise.all([
    registry.phases(session.id),
    registry.models({ session: session.id }),
  ]);
  const details = { session, phases: await withGates(kernel, phases), models };
  return {
    document: details,
    text: async () => {
      const { renderSession } = await import('../render/sessions.js');
      return renderSession(details, styleOf(context.terminal));
    },
  };
}

/** The gates of each phase, from its stored result; null where there is none or, with a warning, it is damaged. */
async function withGates(kernel: Kernel, records: readonly PhaseRecord[]): Promise<readonly PhaseDetails[]> {
  const { artifacts } = await kernel.storage();
  const gatesOf = async ({ phase, result }: PhaseRecord): Promise<PhaseResult['gates'] | null> => {
    if (result === null) return null;
    try {
      return (await readDocument<PhaseResult>(artifacts, result, 'phase-result.json', ['gates'])).gates;
    } catch (error) {
      if (!isForgeError(error)) throw error;
      kernel.log.warn(`The stored result of phase "${phase}" is damaged: ${error.message}`);
      return null;
    }
  };
  return Promise.all(records.map(async (record) => ({ ...record, gates: await gatesOf(record) })));
}
