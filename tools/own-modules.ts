/**
 * This very copy of the package by the specifiers that configs and plugins import it with: a config must see the
 * classes and tokens of the kernel that runs it, wherever the config lies. Each is loaded when it is asked for.
 */
export const OWN_MODULES: Readonly<Record<string, () => Promise<unknown>>> = {
  agentforge: () => import('./index.js'),
  'agentforge/plugins': () => import('../plugins/index.js'),
  'agentforge/presets': () => import('../presets/index.js'),
  'agentforge/phases': () => import('../plugins/phases/shared/index.js'),
  'agentforge/nn': () => import('../nn/index.js'),
  'agentforge/merges': () => import('../plugins/merges/shared/index.js'),
  'agentforge/datasets': () => import('../plugins/datasets/shared/index.js'),
  'agentforge/testing': () => import('../testing/index.js'),
};
