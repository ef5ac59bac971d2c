/**
 * The arrows of the house: cli -> tools -> core -> contracts <- plugins -> nn, storage. `errors` and `contracts` may be
 * imported by all; `testing` is for tests and plugin authors; nothing imports `test`.
 */
const arrow = (from, to, why) => ({
  name: `${from.replace(/\W+/g, '-')}-imports`,
  comment: why,
  severity: 'error',
  from: { path: `^${from}/` },
  to: { path: `^(${to})/` },
});

/** Libraries that cost start-up time or need native code: only through `import()` outside nn and plugins. */
const HEAVY = [
  '@tensorflow/',
  'onnxruntime-node/',
  '@huggingface/',
  'ajv/',
  'ajv-formats/',
  'lowdb/',
  'cosmiconfig/',
  'jiti/',
  'systeminformation/',
  'yaml/',
];

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    {
      name: 'no-circular',
      comment:
        'Types may refer to each other; code may not. The table of what configs may import names the entry, lazily.',
      severity: 'error',
      from: {},
      to: {
        circular: true,
        viaOnly: { dependencyTypesNot: ['type-only'], pathNot: '^tools/own-modules\\.ts$' },
      },
    },
    arrow(
      'errors',
      'contracts|core|nn|plugins|presets|recipes|storage|tools|cli|bench|testing|terminal',
      'errors stand alone',
    ),
    arrow(
      'contracts',
      'core|nn|plugins|presets|recipes|storage|tools|cli|bench|testing|terminal',
      'contracts know errors only',
    ),
    arrow(
      'core',
      'nn|plugins|presets|recipes|tools|cli|bench|testing|terminal',
      'the kernel knows no plugin and no mathematics',
    ),
    arrow(
      'nn',
      'core|plugins|presets|recipes|storage|tools|cli|bench|testing|terminal',
      'mathematics knows no kernel',
    ),
    arrow(
      'storage',
      'core|nn|plugins|presets|recipes|tools|cli|bench|testing|terminal',
      'storage knows contracts only',
    ),
    arrow(
      'plugins',
      'core|presets|recipes|tools|cli|bench|testing',
      'plugins know contracts, nn and storage',
    ),
    arrow(
      'terminal',
      'core|nn|plugins|presets|recipes|storage|tools|cli|bench|testing',
      'text for people knows contracts only',
    ),
    arrow('presets', 'core|nn|recipes|storage|tools|cli|bench|testing|terminal', 'presets compose plugins'),
    arrow(
      'recipes',
      'core|plugins|presets|tools|cli|bench|testing|terminal',
      'recipes are handed the merge techniques and the validator',
    ),
    arrow(
      'create-agentforge',
      'errors|contracts|core|nn|plugins|presets|recipes|storage|tools|cli|bench|testing|terminal',
      'it runs before agentforge is installed',
    ),
    arrow('tools', 'cli|bench|terminal', 'tools are called by the command line and by programs'),
    arrow('testing', 'presets|tools|cli|bench|terminal', 'the kit runs anything through the kernel'),
    arrow(
      '(errors|contracts|core|nn|storage|plugins|presets|recipes|tools|cli|bench|testing)',
      'test|examples',
      'nothing ships tests',
    ),
    {
      name: 'plugins-know-no-other-plugin',
      comment: 'A plugin asks the container; only the listing of all plugins imports them.',
      severity: 'error',
      from: { path: '^plugins/([^/]+)/([^/.]+)', pathNot: '^plugins/[^/]+/index\\.ts$' },
      to: { path: '^plugins/', pathNot: '^plugins/$1/($2|shared|common)(/|\\.ts$)' },
    },
    {
      name: 'contracts-need-types-only',
      comment:
        'Contracts are loaded by everything: a library may lend them types (TypeBox makes the schemas).',
      severity: 'error',
      from: { path: '^(contracts|errors)/' },
      to: {
        path: 'node_modules/',
        pathNot: 'node_modules/@sinclair/typebox/',
        dependencyTypesNot: ['type-only'],
      },
    },
    {
      name: 'heavy-modules-load-lazily',
      comment: 'The CLI answers in half a second: load these with import() where they are used.',
      severity: 'error',
      from: { path: '^(core|cli|contracts|errors|storage|presets|recipes|tools)/' },
      to: {
        path: `node_modules/(${HEAVY.join('|')})`,
        dependencyTypesNot: ['type-only', 'dynamic-import'],
      },
    },
    {
      name: 'onnxruntime-is-loaded-in-one-place',
      comment: 'It must not be loaded before its telemetry is switched off.',
      severity: 'error',
      from: { pathNot: '^plugins/engines/onnxruntime/library\\.ts$' },
      to: { path: 'node_modules/onnxruntime-node/', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'shipped-code-needs-dependencies',
      comment: 'What the package imports at run time is a dependency, not a development one.',
      severity: 'error',
      from: { path: '^(errors|contracts|core|nn|storage|plugins|presets|recipes|tools|cli|testing)/' },
      to: {
        dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown'],
        dependencyTypesNot: ['type-only', 'dynamic-import'],
      },
    },
    {
      name: 'imports-resolve',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true, dependencyTypesNot: ['dynamic-import'] },
    },
  ],
  options: {
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
    exclude: {
      path: '^((create-agentforge/)?dist|create-agentforge/template|coverage|shared|\\.agentforge)/',
    },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'types', 'node', 'default'],
    },
  },
};
