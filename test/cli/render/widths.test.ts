import { stripVTControlCharacters } from 'node:util';
import { renderCleanup } from '../../../cli/render/cleanup.js';
import { renderExport } from '../../../cli/render/export.js';
import { renderMerge, renderMergePlan } from '../../../cli/render/merge.js';
import { renderModel, renderModels } from '../../../cli/render/models.js';
import { renderPlan } from '../../../cli/render/plan.js';
import { renderPlugin, renderPlugins } from '../../../cli/render/plugins.js';
import { renderRunReport } from '../../../cli/render/run-report.js';
import { renderSession, renderSessions } from '../../../cli/render/sessions.js';
import { renderPairs, renderTable } from '../../../cli/render/table.js';
import { renderTimings } from '../../../cli/render/timings.js';
import type { RunDocument } from '../../../cli/report/run-document.js';
import { modelDocument } from '../../../cli/report/model-document.js';
import type { ArtifactStore } from '../../../core/contracts/store.js';
import type { PluginListing } from '../../../core/kernel/types.js';
import type { MergePlan } from '../../../tools/merge/index.js';
import { styleOf, visibleWidth } from '../../../plugins/sinks/console/terminal/index.js';
import { phaseRecord } from '../../../testing/index.js';
import { modelRef, sessionRecord } from '../../support/records.js';

const WIDTHS = [40, 47, 60, 72, 80, 100, 120];
const FOLDER = `/home/someone/projects/${'a-long-name/'.repeat(6)}models`;
const SHA = 'a'.repeat(64);
const WIDE = 'モデル🦊の名前'.repeat(4);
const LONG =
  'a description that goes on for longer than any terminal has columns, in words of common length'.repeat(2);

const artifacts = {
  path: () => `${FOLDER}/.agentforge/artifacts/sha256/aa/${SHA}`,
} as unknown as ArtifactStore;
const metrics = {
  final_loss: 2.25,
  'held_out/stories': 1.5,
  'held_out/a_dataset_of_many_words': 3,
  accuracy: 0.4,
};
const refs = ['reasoning', 'a_model_with_a_name_of_many_words_indeed', WIDE].map((name) =>
  modelRef(name, { metrics }),
);
const models = refs.map((ref) => modelDocument(ref, artifacts, { unigram_entropy: 3.5 }));
const failed = sessionRecord('session_20260101_000000_b', {
  status: 'interrupted',
  current_phase: 'a_phase_with_a_long_name',
  pinned: true,
  error: { code: 'AF_MERGE_CHECKPOINTS', message: LONG },
});
const gates = [true, false, null].map((passed, i) => ({
  name: `improvement_holdout_generation_0/a_model_with_a_name_of_many_words_${i}`,
  class: 'target' as const,
  passed,
  measured: 0.1234567,
  target: 'the recipes give the champion again',
  ...(passed === null ? { reason: LONG } : {}),
}));
const plugin: PluginListing = {
  name: 'a-plugin-with-a-long-name',
  version: '1.0.0',
  description: LONG,
  provides: ['merge'],
  origin: 'config',
  source: `${FOLDER}/plugin.ts`,
  options: {},
  implementations: ['merge:ties'],
  optionsSchema: {
    properties: { threshold: { enum: ['one', 'another', 'a third'], default: 'one', description: LONG } },
  },
};
const overhead = {
  hooksSeconds: 1,
  sinksSeconds: 1,
  eventsSeconds: 1,
  recordsSeconds: 1,
  totalSeconds: 4,
  phasesSeconds: 100,
  ratio: 0.04,
  events: 3,
};
const run = {
  ok: true,
  status: 'completed',
  sessionId: 'session_20260101_000000',
  folder: FOLDER,
  seed: 7,
  configHash: SHA,
  durationSeconds: 192,
  tokensPerSecond: 12345,
  peakMemoryBytes: 2 ** 30,
  phases: [
    {
      name: 'a_phase_with_a_long_name',
      title: LONG,
      status: 'completed',
      durationSeconds: 192,
      gates,
      missedGates: [],
      tables: [{ title: LONG, columns: ['arm', LONG], rows: [[WIDE, '1 %']] }],
      metrics: {},
      models: models.map(({ id }) => id),
      warnings: [],
    },
  ],
  models: models.map((model) => ({ ...model, samples: [] })),
  overhead,
  warnings: [],
  error: null,
} as RunDocument;
const checkpoints = [{ reference: FOLDER, folder: FOLDER }];
const mergePlan = {
  recipe: { methodName: 'slerp' },
  checkpoints,
  shards: [{ file: 'model-00001-of-00002.safetensors', tensors: [] }],
  tokenizerFrom: checkpoints[0],
  inputBytes: 1,
  outputBytes: 2,
  elements: 3,
  memoryBytes: 4,
  warnings: [LONG],
} as unknown as MergePlan;
const merged = {
  folder: FOLDER,
  method: 'slerp',
  elements: 3,
  outputBytes: 2,
  files: ['a'],
  seconds: 1,
  gigabytesPerSecond: 2,
};
const plan = {
  phases: [
    {
      name: 'a_phase_with_a_long_name',
      title: LONG,
      action: 'run' as const,
      facts: { datasets: LONG, parameters: 25900801 },
      memoryBytes: null,
      diskBytes: 2 ** 20,
      unknown: 'not known before the models are there',
    },
  ],
  memory: { needed: 2 ** 30, total: 2 ** 29, available: 2 ** 28 },
  disk: { needed: 2 ** 20, free: null },
  input: null,
  problems: [],
  warnings: [LONG],
};
const cleanup = {
  remove: [{ kind: 'session' as const, id: 'session_20260101_000000', bytes: 2 ** 20, reason: LONG }],
  keep: [{ id: 'session_20260101_000001', reason: LONG }],
  bytes: 2 ** 20,
  waiting: { artifacts: 2, bytes: 5, until: '2026-01-02T00:00:00.000Z', sessions: [] },
};
const timing = {
  hook: 'onEvent',
  plugin: 'a-plugin-with-a-long-name-of-many-words',
  calls: 2,
  totalMs: 1,
  maxMs: 1,
};

type Style = ReturnType<typeof styleOf>;
const RENDERERS: Readonly<Record<string, (style: Style) => string>> = {
  sessions: (style) =>
    renderSessions(
      [{ session: failed, phases: [phaseRecord('session_b', 'toy', { duration_seconds: 61 })] }],
      style,
    ),
  session: (style) =>
    renderSession({ session: { ...failed, pipeline: [LONG] }, phases: [], models: refs }, style),
  models: (style) => renderModels(models, style),
  model: (style) =>
    renderModel(
      { ...models[1]!, config: { architecture: 'x', hyperparameters: { of: LONG } }, lineage: [] },
      { style, cwd: '/elsewhere' },
    ),
  plugins: (style) => renderPlugins([plugin, { ...plugin, name: 'ties' }], style),
  plugin: (style) => renderPlugin(plugin, style),
  plan: (style) => renderPlan(plan, style),
  cleanup: (style) => renderCleanup(cleanup, null, style),
  timings: (style) => renderTimings([timing], overhead, style),
  run: (style) => renderRunReport(run, { style, cwd: '/elsewhere', next: null }),
  merge: (style) => renderMerge(merged as never, 2 ** 30, style),
  'merge plan': (style) => renderMergePlan(mergePlan, style),
  export: (style) =>
    renderExport(
      { model: 'a', folder: FOLDER, bytes: 5, files: [{ file: 'model.safetensors', bytes: 5, sha256: SHA }] },
      style,
    ),
};

describe.each(Object.entries(RENDERERS))('%s', (_name, render) => {
  test.each(WIDTHS)('fits %p columns', (columns) => {
    const text = render(styleOf({ colour: false, columns }));
    expect(text.split('\n').filter((line) => visibleWidth(line) > columns)).toEqual([]);
  });
  test('colours take no room', () => {
    const strip = (text: string): string => stripVTControlCharacters(text);
    for (const columns of WIDTHS) {
      expect(strip(render(styleOf({ colour: true, columns })))).toBe(
        render(styleOf({ colour: false, columns })),
      );
    }
  });
});

describe('a table without room', () => {
  const at = (columns: number): Style => styleOf({ colour: false, columns });
  const columns = [
    { title: 'name', fit: 'clip' as const },
    { title: 'bytes', align: 'right' as const },
    { title: 'sha256', worth: 1 },
  ];
  const row = ['a name of twenty-five char', '12,345,678', 'abcdefabcdef'];

  test('cuts names, then leaves columns out and says so, and never cuts a number', () => {
    expect(renderTable(columns, [row], at(52))).toBe(
      'name                             bytes  sha256\na name of twenty-five char  12,345,678  abcdefabcdef',
    );
    expect(renderTable(columns, [row], at(40)).split('\n')[1]).toBe(
      'a name of t...  12,345,678  abcdefabcdef',
    );
    expect(renderTable(columns, [row], at(37)).split('\n').slice(1)).toEqual([
      'a name of twenty-five ...  12,345,678',
      'No room for: sha256. A wider terminal',
      'or --json shows all.',
    ]);
  });
  test('becomes a list of its cells where nothing else helps', () =>
    expect(renderTable([{ title: 'a' }, { title: 'bytes' }], [['123456789', '12,345,678']], at(19))).toBe(
      'a      123456789\nbytes  12,345,678',
    ));
  test('wide characters take two columns', () => {
    const lines = renderTable(
      [{ title: 'n' }, { title: 'v' }],
      [
        ['モ🦊', '1'],
        ['abcd', '2'],
      ],
      at(80),
    ).split('\n');
    expect(lines).toEqual(['n     v', 'モ🦊  1', 'abcd  2']);
    expect(
      renderPairs(
        [
          ['モ', '1'],
          ['ab', '2'],
        ],
        at(80),
      ),
    ).toBe('モ  1\nab  2');
  });
});
