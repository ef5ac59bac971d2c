import { defineConfig } from 'agentforge';
import { quickstart } from 'agentforge/presets';

/** What `agentforge run` does in this repository: three small models in a few minutes. */
export default defineConfig({
  extends: [quickstart()],
});
