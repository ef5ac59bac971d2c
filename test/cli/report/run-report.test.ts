import { heldOutOf } from '../../../cli/report/held-out.js';
import { runDocument, type RunDocument } from '../../../cli/report/run-document.js';
import { RunRecorder } from '../../../cli/report/run-recorder.js';
import { renderRunReport } from '../../../cli/render/run-report.js';
import type { ResolvedConfig } from '../../../core/contracts/config.js';
import type { GateResult } from '../../../core/contracts/phase.js';
import type { ArtifactStore } from '../../../core/contracts/store.js';
import type { RunReport } from '../../../core/kernel/types.js';
import { ForgeError } from '../../../core/errors/index.js';
import { styleOf } from '../../../plugins/sinks/console/terminal/index.js';
import { modelRef } from '../../support/records.js';

const met: GateResult = {
  name: 'params',
  class: 'integrity',
  passed: true,
  measured: 1024,
  target: '= 1024',
};
const missed: GateResult = {
  name: 'gain',
  class: 'target',
  passed: false,
  measured: 0.1234567,
  target: '>= 0.2',
};
const unmeasured: GateResult = {
  name: 'spread',
  class: 'target',
  passed: null,
  measured: null,
  target: '>= 1',
  reason: 'one model only',
};

const overhead: RunReport['overhead'] = {
  hooksSeconds: 0,
  sinksSeconds: 0,
  eventsSeconds: 0,
  recordsSeconds: 0,
  totalSeconds: 0,
  phasesSeconds: 1,
  ratio: 0,
  events: 3,
};

const reasoning = modelRef('reasoning', {
  metrics: { final_loss: 2.25, 'held_out/gsm8k': 1.5, 'held_out/arc': 3, accuracy: 0.4 },
});
const memory = modelRef('memory', { metrics: { final_loss: Number.NaN, 'held_out/gsm8k': 1.75 } });

const report: RunReport = {
  sessionId: 'session_20260101_000000',
  folder: '/project/.agentforge/sessions/session_20260101_000000',
  status: 'completed',
  phases: [
    {
      name: 'toy',
      title: 'Toy',
      status: 'completed',
      durationSeconds: 190,
      missedGates: [missed],
      result: {
        models: [reasoning, memory],
        metrics: { unigram_entropy: 5.5, 'unigram_entropy/gsm8k': 5.25 },
        gates: [met, missed, unmeasured],
        handoff: null,
        warnings: ['little data'],
      },
    },
    {
      name: 'later',
      title: 'Later',
      status: 'pending',
      durationSeconds: null,
      result: null,
      missedGates: [],
    },
  ],
  durationSeconds: 192,
  overhead,
  error: null,
  warnings: [],
};

const artifacts = {
  path: ({ sha256 }: { sha256: string }) => `/project/.agentforge/artifacts/${sha256}`,
} as unknown as ArtifactStore;

function document(changes: Partial<RunReport> = {}): RunDocument {
  const recorder = new RunRecorder();
  const rate = (value: number) =>
    recorder.listen({
      type: 'metric',
      name: 'system/tokens_per_second',
      value,
      step: 1,
      phase: 'toy',
      time: 0,
    });
  for (const value of [100, 8000, 9000, Number.NaN]) rate(value);
  recorder.listen({
    type: 'lifecycle',
    event: 'sample',
    phase: 'toy',
    time: 0,
    facts: { model: 'memory', prompt: 'Once', text: ' upon\u0007 a time' },
  });
  const config = { seed: 7 } as ResolvedConfig;
  return runDocument({ ...report, ...changes }, { config, configHash: 'c'.repeat(64), recorder, artifacts });
}

const render = (changes: Partial<RunReport> = {}): string =>
  renderRunReport(document(changes), {
    style: styleOf({ colour: false }),
    cwd: '/project',
    next: 'agentforge generate it',
  });

describe('held-out losses among metrics', () => {
  test('per dataset and over all, with the entropies of the phase', () =>
    expect(
      heldOutOf(reasoning.metadata.metrics, { unigram_entropy: 5.5, 'unigram_entropy/gsm8k': 5.25 }),
    ).toEqual([
      { dataset: 'gsm8k', loss: 1.5, unigramEntropy: 5.25 },
      { dataset: 'arc', loss: 3, unigramEntropy: null },
      { dataset: null, loss: 2.25, unigramEntropy: 5.5 },
    ]));
  test('a model without them has none', () => expect(heldOutOf({ fitness: 1 })).toEqual([]));
});

describe('the document of a run', () => {
  test('carries what a script needs', () => {
    const { models, ...rest } = document();
    expect(rest).toMatchObject({
      ok: true,
      status: 'completed',
      seed: 7,
      durationSeconds: 192,
      tokensPerSecond: 8000,
      error: null,
      phases: [
        { name: 'toy', models: [reasoning.id, memory.id], missedGates: [missed], warnings: ['little data'] },
        { name: 'later', status: 'pending', gates: [], models: [] },
      ],
    });
    expect(rest.peakMemoryBytes).toBeGreaterThan(10 * 2 ** 20);
    expect(models[0]).toMatchObject({
      name: 'reasoning',
      parameters: 1024,
      sha256: 'a'.repeat(64),
      samples: [],
    });
    expect(models[1]?.samples).toEqual([{ model: 'memory', prompt: 'Once', text: ' upon\u0007 a time' }]);
    expect(models[0]?.files.map((file) => file.purpose)).toEqual(['weights', 'tokenizer']);
    expect(models[0]?.files[0]).toEqual({
      purpose: 'weights',
      name: 'model.safetensors',
      sha256: 'a'.repeat(64),
      bytes: 1024,
      path: `/project/.agentforge/artifacts/${'a'.repeat(64)}`,
    });
  });

  test('an error is in it', () => {
    const error = new ForgeError('AF_PHASE_FAILED', 'Phase toy failed.');
    expect(document({ status: 'failed', error })).toMatchObject({
      ok: false,
      error: { code: 'AF_PHASE_FAILED' },
    });
  });
});

describe('the session report', () => {
  const text = render();

  test('names the session, its cost and its folder', () => {
    expect(text).toContain(
      'session session_20260101_000000 completed in 3m 12s, 8,000 tokens/s, peak memory ',
    );
    expect(text).toContain('seed 7, files in .agentforge/sessions/session_20260101_000000');
  });

  test('phases with their gates', () => {
    expect(text).toMatch(/^toy {4}completed {2}3m 10s {2}2 {7}1 of 3$/m);
    expect(text).toMatch(/^later {2}pending {4}- {7}0 {7}-$/m);
  });

  test('held-out loss per dataset and model beside the unigram entropy', () => {
    expect(text).toMatch(/^held-out loss of toy, nats per token .*\ndataset +reasoning +memory +unigram$/m);
    expect(text).toMatch(/^gsm8k +1\.500 +1\.750 +5\.250$/m);
    expect(text).toMatch(/^arc +3\.000 +- +-$/m);
    expect(text).toMatch(/^all +2\.250 +NaN +5\.500$/m);
  });

  test('every gate that was not met, with what was measured; the met ones by number', () => {
    expect(text).toContain('gates 1 of 3 met');
    expect(text).toMatch(/missed +gain +target +0\.1235 +>= 0\.2/);
    expect(text).toMatch(/unknown +spread +target +- +>= 1 +one model only/);
  });

  test('samples are not repeated: they are printed when they are made', () =>
    expect(text).not.toContain('Once'));
  test('where the weights are', () => expect(text).toContain(`.agentforge/artifacts/${'a'.repeat(64)}`));
  test('what to do next', () => expect(text).toContain('next  agentforge generate it'));

  test('a run that made nothing has a report too', () =>
    expect(render({ phases: [], status: 'failed' })).toMatch(/session_20260101_000000 failed in 3m 12s/));
});
