/**
 * The arrows of the house: cli -> tools -> core -> core/contracts <- plugins -> nn, storage. `core/errors` and
 * `core/contracts` may be imported by all; `testing` is for tests and plugin authors; nothing imports `test`.
 */
const arrow = (from, why, to) => ({
  name: `${from.replace(/\W+/g, '-')}-imports`,
  comment: why,
  severity: 'error',
  from: { path: `^${from}/` },
  to: { path: `^(${to.join('|')})` },
});

/** What of core is the kernel itself: all but what everything may import. */
const KERNEL = 'core/(?!(contracts|errors)/)';
const OUTER = ['presets/', 'tools/', 'cli/', 'bench/', 'testing/', 'create-agentforge/'];

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
    arrow('core/errors', 'errors stand alone', ['core/(?!errors/)', 'nn/', 'plugins/', 'storage/', ...OUTER]),
    arrow('core/contracts', 'contracts know errors only', [KERNEL, 'nn/', 'plugins/', 'storage/', ...OUTER]),
    arrow('core', 'the kernel knows no plugin and no mathematics', ['nn/', 'plugins/', ...OUTER]),
    arrow('nn', 'mathematics knows no kernel', [KERNEL, 'plugins/', 'storage/', ...OUTER]),
    arrow('storage', 'storage knows contracts only', [KERNEL, 'nn/', 'plugins/', ...OUTER]),
    arrow('plugins', 'plugins know contracts, nn and storage', [KERNEL, ...OUTER]),
    arrow('presets', 'presets compose plugins', [
      KERNEL,
      'nn/',
      'storage/',
      'tools/',
      'cli/',
      'bench/',
      'testing/',
      'create-agentforge/',
    ]),
    arrow('tools', 'tools are called by the command line and by programs', ['cli/', 'bench/']),
    arrow('testing', 'the kit runs anything through the kernel', ['presets/', 'tools/', 'cli/', 'bench/']),
    arrow('create-agentforge', 'it runs before agentforge is installed', [
      'core/',
      'nn/',
      'plugins/',
      'storage/',
      ...OUTER.filter((room) => room !== 'create-agentforge/'),
    ]),
    arrow(
      '(core|nn|storage|plugins|presets|tools|cli|bench|testing|create-agentforge)',
      'nothing ships tests',
      ['test/', 'examples/'],
    ),
    {
      name: 'plugins-know-no-other-plugin',
      comment: 'A plugin asks the container; only the listing of all plugins imports them.',
      severity: 'error',
      from: { path: '^plugins/([^/]+)/([^/.]+)', pathNot: '^plugins/[^/]+/index\\.ts$' },
      to: { path: '^plugins/', pathNot: '^plugins/$1/($2|shared)(/|\\.ts$)' },
    },
    {
      name: 'contracts-need-types-only',
      comment:
        'Contracts are loaded by everything: a library may lend them types (TypeBox makes the schemas).',
      severity: 'error',
      from: { path: '^core/(contracts|errors)/' },
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
      from: { path: '^(core|cli|storage|presets|tools)/' },
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
      from: { path: '^(core|nn|storage|plugins|presets|tools|cli|testing)/' },
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
