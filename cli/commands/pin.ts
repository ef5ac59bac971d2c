import type { Registry, SessionRecord } from '../../core/contracts/registry.js';
import { printable } from '../../plugins/sinks/console/terminal/index.js';
import { defineCommand, type CliCommand } from '../command.js';
import { addConfigFlags, addJsonFlag, type ConfigFlags } from '../config-flags.js';
import { knownNames, lookUpModel } from '../../tools/models/find-model.js';
import { unknownRecord } from '../../tools/models/unknown-record.js';
import { withKernel } from '../open-kernel.js';

/** A pinned session, its models and its files stay, whatever a cleanup is asked to remove. */
export const pin = pinning(true);
export const unpin = pinning(false);

function pinning(pinned: boolean): CliCommand {
  return defineCommand<ConfigFlags>({
    configure(command) {
      addJsonFlag(addConfigFlags(command)).argument(
        '<session-or-model>',
        'id of a session, `latest`, or a model (name, id or `session:name`) for the session that made it',
      );
    },
    run: (context, flags, [query = '']) =>
      withKernel(context, { flags, scope: 'storage', withoutConfig: 'defaults' }, async (kernel) => {
        const registry = await kernel.registry();
        const { id } = await findSession(registry, query);
        const session = await registry.updateSession(id, { pinned });
        const said = pinned
          ? `Session ${printable(id)} is pinned: no cleanup removes it, its models or their files.\nagentforge unpin ${printable(id)} lets it go again.\n`
          : `Session ${printable(id)} is not pinned: agentforge clean may remove it.\n`;
        return { document: { session }, lasting: true, text: () => said };
      }),
  });
}

/** @throws ForgeError AF_REGISTRY_NOT_FOUND with the nearest known name */
async function findSession(registry: Registry, query: string): Promise<SessionRecord> {
  const sessions = await registry.sessions();
  const found = query === 'latest' ? sessions[0] : sessions.find(({ id }) => id === query);
  if (found !== undefined) return found;
  const made = (await lookUpModel(registry, query))?.model.metadata.session_id;
  const maker = sessions.find(({ id }) => id === made);
  if (maker !== undefined) return maker;
  const known = [...sessions.map(({ id }) => id), ...(await knownNames(registry, query))];
  throw unknownRecord('session', query, known);
}
