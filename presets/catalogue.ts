import type { ForgeConfig } from '../core/contracts/config.js';

/** Presets by the name that configs (`extends`) and `--preset` use; loaded when named. */
export const PRESETS: Readonly<Record<string, () => Promise<ForgeConfig>>> = {
  quickstart: async () => (await import('./quickstart.js')).quickstart(),
  smoke: async () => (await import('./smoke.js')).smoke(),
  'seeds-25m': async () => (await import('./seeds-25m.js')).seeds25m(),
};
