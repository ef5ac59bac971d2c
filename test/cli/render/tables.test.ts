import { renderCleanup } from '../../../cli/render/cleanup.js';
import { renderModel, renderModels } from '../../../cli/render/models.js';
import { renderPlan } from '../../../cli/render/plan.js';
import { renderPlugin, renderPlugins } from '../../../cli/render/plugins.js';
import { renderSession, renderSessions } from '../../../cli/render/sessions.js';
import { renderTimings } from '../../../cli/render/timings.js';
import { modelDocument } from '../../../cli/report/model-document.js';
import type { ArtifactStore } from '../../../core/contracts/store.js';
import type { PluginListing } from '../../../core/kernel/types.js';
import { styleOf } from '../../../plugins/sinks/console/terminal/index.js';
import { phaseRecord } from '../../../testing/index.js';
import { modelRef, sessionRecord } from '../../support/records.js';

const style = styleOf({ colour: false });
const gone = {
  path: () => {
    throw new Error('gone');
  },
} as unknown as ArtifactStore;

describe('sessions', () => {
  test('none yet', () => expect(renderSessions([], style)).toContain('agentforge run starts one'));

  test('a table, newest first as given', () => {
    const failed = sessionRecord('session_b', {
      status: 'failed',
      error: { code: 'AF_DATA_EMPTY', message: 'x' },
      progress_percent: 12.5,
    });
    const phases = [61, 131].map((seconds, i) =>
      phaseRecord('session_a', `phase-${i}`, { duration_seconds: seconds }),
    );
    const listed = [
      { session: failed, phases: [phaseRecord('session_b', 'toy')] },
      { session: sessionRecord('session_a'), phases },
    ];
    expect(renderSessions(listed, style).split('\n')).toEqual([
      'session    status     phase  progress  started (UTC)        took',
      'session_b  failed     toy    13 %      2026-01-01 00:00:00  -       AF_DATA_EMPTY',
      'session_a  completed  toy    100 %     2026-01-01 00:00:00  3m 12s',
    ]);
  });

  test('one, with the phases that are still to come', () => {
    const text = renderSession(
      {
        session: sessionRecord('session_a', { pipeline: ['toy', 'later'], status: 'paused' }),
        phases: [
          {
            session_id: 'session_a',
            phase: 'toy',
            status: 'completed',
            started_at: '2026-01-01T00:00:00.000Z',
            ended_at: null,
            duration_seconds: 61,
            result: null,
            gates: [{ name: 'g', class: 'target', passed: true, measured: 1, target: '1' }],
          },
        ],
        models: [modelRef('reasoning')],
      },
      style,
    );
    expect(text).toMatch(/^toy +completed +2026-01-01 00:00:00 +1m 01s +1 of 1$/m);
    expect(text).toMatch(/^later +pending +- +- +-$/m);
    expect(text).toMatch(/^reasoning +toy +1,024 +aaaaaaaaaaaa$/m);
  });
});

describe('models', () => {
  const model = modelDocument(modelRef('reasoning', { metrics: { final_loss: 2.5 } }), gone);
  test('a table', () =>
    expect(renderModels([model], style)).toMatch(/^reasoning +toy +1,024 +4\.0 KiB +2\.5 +aaaaaaaaaaaa/m));
  test('none yet', () => expect(renderModels([], style)).toContain('No models yet'));
  test('one, with lineage and files that are gone', () => {
    const details = {
      ...model,
      config: modelRef('x').config,
      lineage: [
        { id: 'mother', depth: 1, phase: 'toy', known: true },
        { id: 'grandmother', depth: 2, phase: null, known: false },
      ],
    };
    const text = renderModel(details, { style, cwd: '/' });
    expect(text).toContain('  mother from phase toy\n    grandmother no longer in the registry');
    expect(text).toMatch(/weights +1\.0 KiB +aaaaaaaaaaaa +gone/);
    expect(text).toMatch(/final_loss +2\.5/);
  });
});

describe('plugins', () => {
  const plugin: PluginListing = {
    name: 'ties',
    version: '1.0.0',
    description: 'TIES merging',
    provides: ['merge'],
    origin: 'config',
    source: './ties.ts',
    options: { density: 0.5 },
    implementations: ['merge:ties'],
    optionsSchema: {
      type: 'object',
      properties: {
        density: { type: 'number', minimum: 0, maximum: 1, default: 0.2, description: 'kept share' },
      },
    },
  };
  test('by extension point; those that only listen apart', () => {
    const listener = { ...plugin, name: 'watch', provides: [], origin: 'builtin' as const };
    expect(renderPlugins([plugin, listener], style)).toBe(
      'hooks only\n  watch  built-in  TIES merging\n\nmerge\n  ties  ./ties.ts  TIES merging\n',
    );
  });
  test('one with its options', () => {
    const text = renderPlugin(plugin, style);
    expect(text).toContain('merge:ties');
    expect(text).toMatch(/^density {2}number >= 0 <= 1 {2}0\.5 {4}kept share$/m);
  });
});

test('a plan says what a phase needs and what forbids it', () => {
  const plan = {
    phases: [
      {
        name: 'toy',
        title: 'Toy',
        action: 'run' as const,
        facts: { parameters: 25900801 },
        memoryBytes: 2 ** 30,
        diskBytes: 2 ** 20,
        unknown: null,
      },
    ],
    memory: { needed: 2 ** 30, total: 2 ** 29, available: 2 ** 28 },
    disk: { needed: 2 ** 20, free: null },
    input: null,
    problems: [{ at: 'memory', message: 'more than there is', fix: 'Use smaller batches.' }],
    warnings: ['slow'],
  };
  const text = renderPlan(plan, style);
  expect(text).toMatch(/parameters {2}25,900,801/);
  expect(text).toContain('memory  1.0 GiB needed, 256 MiB of 512 MiB available');
  expect(text).toContain('unknown free');
  expect(text).toContain('warning slow');
  expect(text).toContain('This run may not start: 1 problem.');
  const [toy] = plan.phases;
  const merging = {
    ...toy!,
    name: 'merge',
    memoryBytes: null,
    unknown: 'not known before the models are there',
  };
  const partly = renderPlan({ ...plan, phases: [toy!, merging] }, style);
  expect(partly).toMatch(/^memory +not known before the models are there$/m);
  expect(partly).toContain('at least 1.0 GiB needed');
  expect(partly).not.toContain('0 B');
  const twice = renderPlan({ ...plan, problems: [...plan.problems, ...plan.problems] }, style);
  expect(twice.match(/2 problems/g)).toHaveLength(1);
  expect(renderPlan({ ...plan, problems: [] }, style)).toContain('This run may start.');
});

test('timings, the slowest first', () => {
  const text = renderTimings(
    [
      { hook: 'onEvent', plugin: 'a', calls: 2, totalMs: 1, maxMs: 1 },
      { hook: 'onGate', plugin: 'b', calls: 1, totalMs: 5, maxMs: 5 },
    ],
    {
      hooksSeconds: 0,
      sinksSeconds: 0.5,
      eventsSeconds: 0,
      recordsSeconds: 0,
      totalSeconds: 0.5,
      phasesSeconds: 100,
      ratio: 0.005,
      events: 1,
    },
    style,
  );
  expect(text.split('\n')[0]).toBe(
    'kernel 0.5 s (0.500 % of the phases): hooks 0.0 s, sinks 0.5 s, events 0.0 s, records 0.0 s',
  );
  expect(text.indexOf('onGate')).toBeLessThan(text.indexOf('onEvent'));
});

describe('cleanup', () => {
  const item = { kind: 'session' as const, id: 'session_a', bytes: 2 ** 20, reason: 'completed 40 days ago' };
  const file = { kind: 'artifact' as const, id: 'ab', bytes: 10, reason: 'nothing refers to it' };
  const plan = { remove: [item, file], keep: [{ id: 'session_b', reason: 'pinned' }], bytes: 2 ** 20 + 10 };
  test('a plan', () => {
    const text = renderCleanup(plan, null, style);
    expect(text).toMatch(/^keep +session_b +pinned$/m);
    expect(text).toContain('Would remove 1 session, 1 artifact: 1.0 MiB.');
    expect(text).toContain('agentforge clean --yes');
  });
  test('what became of it', () =>
    expect(
      renderCleanup(
        plan,
        { removed: [item], skipped: [{ item: file, reason: 'in use again, or gone' }], bytes: 2 ** 20 },
        style,
      ),
    ).toContain('skipped artifact ab: in use again, or gone\nRemoved 1 session: 1.0 MiB.'));
  test.each([
    [1, '1 more artifact (5 B) stays until 2026-01-02 00:00 UTC: nothing refers to it,'],
    [2, '2 more artifacts (5 B) stay until 2026-01-02 00:00 UTC: nothing refers to them,'],
  ])('%p that must wait', (artifacts, said) => {
    const waiting = { artifacts, bytes: 5, until: '2026-01-02T00:00:00.000Z', sessions: [] };
    expect(renderCleanup({ remove: [], keep: [], bytes: 0, waiting }, null, style)).toContain(said);
  });
  test('nothing to do', () =>
    expect(renderCleanup({ remove: [], keep: [], bytes: 0 }, null, style)).toBe('Nothing to remove.\n'));
});
