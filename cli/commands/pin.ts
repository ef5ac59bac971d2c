import type { Registry, SessionRecord } from '../../contracts/registry.js';
import { printable } from '../../terminal/index.js';
import { defineCommand, type CliCommand } from '../command.js';
import { addConfigFlags, addJsonFlag, type ConfigFlags } from '../config-flags.js';
import { unknownRecord } from '../../tools/models/unknown-record.js';
import { withKernel } from '../open-kernel.js';

const ALL = Number.MAX_SAFE_INTEGER;

/** A pinned session, its models and its files stay, whatever a cleanup is asked to remove. */
export const pin = pinning(true);
export const unpin = pinning(false);

function pinning(pinned: boolean): CliCommand {
  return defineCommand<ConfigFlags>({
    configure(command) {
      addJsonFlag(addConfigFlags(command)).argument(
        '<session-or-model>',
        'id of a session, `latest`, or a model (id or name) for the session that made it',
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
  const models = await registry.models({ limit: ALL });
  const model = models.find(({ id }) => id === query) ?? models.find(({ name }) => name === query);
  const wanted = query === 'latest' ? sessions[0]?.id : (model?.metadata.session_id ?? query);
  const found = sessions.find(({ id }) => id === query) ?? sessions.find(({ id }) => id === wanted);
  if (found !== undefined) return found;
  const known = [...sessions.map(({ id }) => id), ...models.flatMap(({ id, name }) => [name, id])];
  throw unknownRecord('session', query, [...new Set(known)]);
}
