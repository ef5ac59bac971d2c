import { appendFile } from 'node:fs/promises';
import { join } from 'node:path';
import { defineRegistry, REGISTRY, Type, withDefault, type Registry, type OptionsOf } from 'agentforge';

/** Any other registry, with every change also in `audit.jsonl` beside it: who looks later sees what was done when. */
export const audited = defineRegistry({
  name: 'audited',
  description: 'Another registry, every change written to audit.jsonl',
  options: Type.Object(
    {
      registry: withDefault(Type.String({ description: 'Name of the registry that keeps records' }), 'lowdb'),
    },
    { additionalProperties: false },
  ),
  create: ({ registry }, forge) => ({
    open: async (folder) => {
      const inner = await forge.resolve(REGISTRY, registry).open(folder);
      return withAudit(inner, (what, id) => appendFile(join(folder, 'audit.jsonl'), line(what, id)));
    },
  }),
});

function line(what: string, id: string): string {
  return `${JSON.stringify({ at: new Date().toISOString(), what, id })}\n`;
}

/** A change is noted once it is durable; reading is not. */
function withAudit(inner: Registry, note: (what: string, id: string) => Promise<void>): Registry {
  return {
    createSession: async (session) => {
      await inner.createSession(session);
      await note('session created', session.id);
    },
    updateSession: async (id, changes) => {
      const session = await inner.updateSession(id, changes);
      await note(`session changed: ${Object.keys(changes).join(', ')}`, id);
      return session;
    },
    savePhase: async (record) => {
      await inner.savePhase(record);
      await note(`phase ${record.phase} ${record.status}`, record.session_id);
    },
    registerModel: async (model) => {
      await inner.registerModel(model);
      await note('model registered', model.id);
    },
    deleteModel: async (id) => {
      await inner.deleteModel(id);
      await note('model deleted', id);
    },
    saveHandoff: async (record) => {
      await inner.saveHandoff(record);
      await note('handoff saved', record.id);
    },
    deleteSession: async (id) => {
      await inner.deleteSession(id);
      await note('session deleted', id);
    },
    session: (id) => inner.session(id),
    sessions: (filter) => inner.sessions(filter),
    phases: (session) => inner.phases(session),
    model: (id) => inner.model(id),
    models: (filter) => inner.models(filter),
    handoffs: (session) => inner.handoffs(session),
    close: () => inner.close(),
  };
}

/** The compiler knows the options wherever a config names the plugin. */
declare module 'agentforge' {
  interface KnownPlugins {
    audited: OptionsOf<typeof audited>;
  }
}

export default audited;
