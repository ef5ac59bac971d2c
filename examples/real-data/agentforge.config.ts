import { defineConfig } from 'agentforge';
import { quickstart } from 'agentforge/presets';

/**
 * Trains on real datasets: `AGENTFORGE_DATA=<folder> npx agentforge run --config examples/real-data/agentforge.config.ts`.
 * The folder has one sub-folder per dataset, in the format of its source.
 */
export default defineConfig({
  extends: [quickstart()],
  phases: {
    cognate: {
      data: { datasets: ['gsm8k', 'svamp', 'arc', 'tinystories'] },
    },
  },
});
