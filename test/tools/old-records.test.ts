import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ForgeConfig } from '../../core/contracts/config.js';
import type { Handoff } from '../../core/contracts/handoff.js';
import { definePhase } from '../../core/contracts/phase.js';
import { openProject } from '../../tools/index.js';
import { createTestKernel } from '../../testing/index.js';
import { handoffRecord, modelRef, phaseRecord, sessionRecord } from '../../testing/fixtures/records.js';
import { memoryStore } from '../../testing/memory-store.js';

/** A registry, a handoff and a model folder that the first version wrote: said clearly, listed, nothing lost. */

const SESSION = 'session_20260101_000000';

/** Metadata as version 1 had them. */
function oldModel(): Record<string, unknown> {
  const model = modelRef('cognate_reasoning', SESSION, { model_name: 'reasoning' });
  const { halting: _h, data: _d, tokenizer_kind: _k, special_tokens: _s, ...metadata } = model.metadata;
  const attributes = { act_threshold: 0.95, ema_acc: [0.2, 0.3], ema_halt: [0.1, 0.1], trunk_id: 'a' };
  return { ...model, metadata: { ...metadata, schema_version: 1, attributes } };
}

async function oldHandoff(): Promise<{ readonly text: string; readonly sha256: string }> {
  const { data: _, ...handoff }: Handoff = {
    schema: 'agentforge:handoff/cognate-models@1',
    source_phase: 'cognate',
    created_at: '2026-01-01T00:00:00.000Z',
    models: [],
    artifacts: {},
    data: null,
    facts: {},
  };
  const text = `${JSON.stringify({ ...handoff, models: [oldModel()] }, null, 2)}\n`;
  const { sha256 } = await memoryStore().put('handoff.json', text);
  return { text, sha256 };
}

let folder: string;
let registryText: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'agentforge-old-'));
  const { text, sha256 } = await oldHandoff();
  const artifact = join(folder, '.agentforge/artifacts/sha256', sha256.slice(0, 2));
  await mkdir(artifact, { recursive: true });
  await writeFile(join(artifact, sha256), text);
  const data = {
    sessions: [sessionRecord(SESSION, { status: 'completed', pipeline: ['cognate'] })],
    phases: [phaseRecord(SESSION, 'cognate', { status: 'completed', result: sha256 })],
    models: [oldModel()],
    handoffs: [handoffRecord('handoff_1', SESSION, { model_ids: ['cognate_reasoning'], document: sha256 })],
  };
  const hash = createHash('sha256')
    .update(`1 ${JSON.stringify(data)}`)
    .digest('hex');
  registryText = `${JSON.stringify({ schema_version: 1, sha256: hash, data })}\n`;
  await mkdir(join(folder, '.agentforge/registry'), { recursive: true });
  await writeFile(join(folder, '.agentforge/registry/registry.json'), registryText);
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const OLD = {
  code: 'AF_MODEL_OLD_RECORD',
  exitCode: 2,
  message: expect.stringMatching(/earlier agentforge, of metadata version 1; this one reads version 2/),
  fix: expect.stringMatching(/Nothing is lost/),
};

const takes = definePhase({
  name: 'takes',
  create: () => ({
    title: 'Takes',
    input: { type: 'object', properties: { schema: { const: 'agentforge:handoff/cognate-models@2' } } },
    output: null,
    metrics: [],
    gates: [],
    run: () => Promise.resolve({ models: [], metrics: {}, gates: [], handoff: null, warnings: [] }),
  }),
});

const config: ForgeConfig = { pipeline: [takes()], sinks: [] };

test('an old registry is listed, and stays as it was until something new comes', async () => {
  const project = await openProject({ cwd: folder, config });
  expect((await project.models()).map(({ name }) => name)).toEqual(['reasoning']);
  await project.dispose();
  expect(await readFile(join(folder, '.agentforge/registry/registry.json'), 'utf8')).toBe(registryText);

  const { kernel, dispose } = await createTestKernel({ folder, config: { sinks: [] } });
  const registry = await kernel.registry();
  await registry.createSession(sessionRecord('session_new'));
  expect(await registry.model('cognate_reasoning')).toEqual(oldModel());
  expect((await registry.sessions()).map(({ id }) => id)).toContain(SESSION);
  await dispose();
});

test('an old model is not used, and the message says what to do', async () => {
  const project = await openProject({ cwd: folder, config });
  await expect(project.loadModel('reasoning')).rejects.toMatchObject(OLD);
  await expect(project.exportModel('reasoning', { output: 'out' })).rejects.toMatchObject(OLD);
  await project.dispose();
});

test('a phase is not given an old handoff', async () => {
  const project = await openProject({ cwd: folder, config });
  await expect(project.run({ phase: 'takes' })).rejects.toMatchObject({
    ...OLD,
    message: expect.stringMatching(/^The result of phase cognate \(made 2026-01-01/),
  });
  await project.dispose();
});

test('a folder with old metadata is no crash', async () => {
  const model = oldModel() as { config: object; metadata: object };
  const out = join(folder, 'exported');
  await mkdir(out);
  await writeFile(join(out, 'config.json'), JSON.stringify(model.config));
  await writeFile(join(out, 'metadata.json'), JSON.stringify(model.metadata));
  await writeFile(join(out, 'model.safetensors'), '');
  const project = await openProject({ cwd: folder, config });
  await expect(project.loadModel('./exported')).rejects.toMatchObject({
    ...OLD,
    at: join(out, 'metadata.json'),
  });
  await project.dispose();
});
