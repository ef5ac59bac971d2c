import { defineRegistry } from '../../../core/contracts/registry.js';

/** Sessions, phases, models and handoffs as lowdb collections in one JSON file that many processes may share. */
export const lowdb = defineRegistry({
  name: 'lowdb',
  description: 'Registry in one JSON file: atomic, hashed, validated, shared by many processes',
  create: (_options, forge) => ({
    open: async (folder) => {
      const { openLowdbRegistry } = await import('./registry.js');
      return openLowdbRegistry(folder, { onWarning: (message, facts) => forge.log.warn(message, facts) });
    },
  }),
});
