import {
  afterStart,
  agentforge,
  atCheckpoint,
  checkpointsOf,
  copyOf,
  hashesOf,
  metricsOf,
  projectWithChampion,
  removeProject,
  tinyProject,
  type Finished,
} from './support.js';

jest.setTimeout(300_000);

describe('a run killed with SIGKILL', () => {
  let unbroken: Finished;
  let unbrokenMs: number;
  beforeAll(async () => {
    const project = await tinyProject();
    const started = performance.now();
    unbroken = await agentforge(project, ['run', '--json']);
    unbrokenMs = performance.now() - started;
    await removeProject(project);
  });

  it('completes when it is left alone', () => {
    expect(unbroken.stderr).not.toContain('AF_');
    expect(unbroken.code).toBe(0);
    expect(Object.keys(hashesOf(unbroken))).toHaveLength(3);
  });

  it('ends with the same hashes when it is resumed, however often it was killed', async () => {
    const folder = await tinyProject();
    let kills = 0;
    // On a busy machine one of the resumed runs may be done before it is to be killed.
    let done: Finished | null = null;
    // Early in the trunk, then again and again a little further on: the moments differ from machine to machine.
    for (const share of [0.35, 0.4, 0.45]) {
      const args = kills === 0 ? ['run', '--json'] : ['run', '--resume', 'latest', '--json'];
      const run = await agentforge(folder, args, afterStart(share * unbrokenMs));
      if (run.code === 0) {
        done = run;
        break;
      }
      expect(run.code).toBeNull();
      kills += 1;
    }
    expect(kills).toBeGreaterThan(0);
    const resumed = done ?? (await agentforge(folder, ['run', '--resume', 'latest', '--json']));
    expect(resumed.stderr).not.toContain('AF_');
    expect(resumed.code).toBe(0);
    expect(hashesOf(resumed)).toEqual(hashesOf(unbroken));
    await removeProject(folder);
  });

  it('leaves a second run on the same storage unharmed', async () => {
    const folder = await tinyProject();
    const [first, second] = await Promise.all([
      // In the midst of its training, however busy the machine is.
      agentforge(folder, ['run', '--json'], atCheckpoint('cognate', 5)),
      agentforge(folder, ['run', '--json']),
    ]);
    expect(first.code).toBeNull();
    expect(second.code).toBe(0);
    expect(hashesOf(second)).toEqual(hashesOf(unbroken));
    await removeProject(folder);
  });
});

const GENERATIONS = 10;
const EVOLUTION = {
  generations: GENERATIONS,
  evaluation: { selection: 120, holdout: 120, rows: 4, length: 32 },
  generation: { records: 2, rows: 2, maxTokens: 3 },
  sample: { prompt: 'then', maxTokens: 3 },
};

describe('an evolution killed with SIGKILL', () => {
  /** Best fitness of every generation; of one that was made twice, the last. */
  async function historyOf(folder: string): Promise<Record<string, unknown>> {
    const metrics = await metricsOf(folder);
    return Object.fromEntries(
      metrics
        .filter(({ name }) => /^generation_\d+\/best_fitness$/.test(name))
        .map(({ name, value }) => [name, value]),
    );
  }

  it('goes on after the last generation it saved, to the same champion by the same history', async () => {
    const [straight, broken] = [await tinyProject(EVOLUTION), await tinyProject(EVOLUTION)];
    const whole = await agentforge(straight, ['run', '--json']);
    expect(whole.code).toBe(0);
    // Generation g is step g + 1 of the checkpoints.
    const killed = await agentforge(broken, ['run', '--json'], atCheckpoint('evomerge', GENERATIONS / 2 + 1));
    expect(killed.code).toBeNull();
    const resumed = await agentforge(broken, ['run', '--resume', 'latest', '--json']);
    expect(resumed.stderr).not.toContain('AF_');
    expect(resumed.code).toBe(0);
    expect(hashesOf(resumed)['champion']).toBe(hashesOf(whole)['champion']);
    const history = await historyOf(straight);
    expect(Object.keys(history)).toHaveLength(GENERATIONS + 1);
    expect(await historyOf(broken)).toEqual(history);
    await Promise.all([straight, broken].map(removeProject));
  });
});

describe('thoughts killed with SIGKILL', () => {
  const UPDATES = { baking: 40, quiet: 10 };
  const training = { rows: 2, length: 64, warmupSteps: 1, evaluateEvery: 10, checkpointEvery: 5 };
  const THINKING = {
    baking: { steps: UPDATES.baking, training, control: false },
    thoughts: { tokens: 4, talk: 2, samples: 2, positions: 2 },
    quiet: { steps: UPDATES.quiet, training: { ...training, length: 48, checkpointEvery: 1 } },
    examination: {
      ...{ items: 4, furtherItems: 0, rows: 4, thoughtTokens: 4, answerTokens: 3 },
      ...{ hardRows: 2, resamples: 100 },
    },
    sample: { prompt: 'then', maxTokens: 3 },
  };
  const RUN = ['run', '--from', 'quietstar', '--json'];
  const RESUME = ['run', '--resume', 'latest', '--json'];

  it('go on inside either step, to the same thinker', async () => {
    const straight = await projectWithChampion({ ...EVOLUTION, generations: 1 }, THINKING);
    const broken = await copyOf(straight);
    const whole = await agentforge(straight, RUN);
    expect(whole.stderr).not.toContain('AF_');
    expect(whole.code).toBe(0);

    const first = await agentforge(broken, RUN, atCheckpoint('quietstar/areas/thoughts', 5));
    expect(first.code).toBeNull();
    expect(Math.max(...(await checkpointsOf(broken, 'quietstar/areas/thoughts')))).toBeLessThan(
      UPDATES.baking,
    );
    const second = await agentforge(broken, RESUME, atCheckpoint('quietstar/areas/quiet', 2));
    expect(second.code).toBeNull();
    expect(Math.max(...(await checkpointsOf(broken, 'quietstar/areas/quiet')))).toBeLessThan(UPDATES.quiet);

    const resumed = await agentforge(broken, RESUME);
    expect(resumed.stderr).not.toContain('AF_');
    expect(resumed.code).toBe(0);
    expect(hashesOf(whole)['thinker']).toMatch(/^[0-9a-f]{64}$/);
    expect(hashesOf(resumed)).toEqual(hashesOf(whole));
    await Promise.all([straight, broken].map(removeProject));
  });
});

describe('recovery from quantising and training after it, killed with SIGKILL', () => {
  const training = {
    rows: 2,
    length: 48,
    accumulation: 1,
    warmupSteps: 1,
    evaluateEvery: 10,
    checkpointEvery: 4,
  };
  const THINKING = {
    baking: { steps: 2, training: { ...training, length: 64 }, control: false },
    quiet: { steps: 0, training },
    examination: {
      ...{ items: 4, furtherItems: 0, rows: 4, thoughtTokens: 4, answerTokens: 3 },
      ...{ hardRows: 1, resamples: 100 },
    },
    sample: { prompt: 'then', maxTokens: 3 },
  };
  const UPDATES = 40;
  const QUANTISING = {
    formats: { smallest: 64 },
    calibration: { sequences: 4 },
    recovery: { steps: UPDATES, training, watchEvery: 4 },
    mixed: { when: 'never' },
    evaluation: { selection: 600, holdout: 600 },
    examination: { items: 4, rows: 4, answerTokens: 3, resamples: 100 },
    sample: { prompt: 'then', maxTokens: 3 },
  };
  const FORGING = {
    data: { samples: 20 },
    tasks: { generators: ['arithmetic-tasks/sum'] },
    tools: { generator: null },
    assessment: { questions: 4, grid: 2, refinements: [] },
    forge: { steps: 16, training: { ...training, length: 64 }, watchEvery: 4 },
    // A model that knows nothing goes on to the last level.
    levels: { items: 4, heldOut: 2, epochs: 1, wall: 0 },
    consolidation: { steps: 4 },
    evaluation: { selection: 600, holdout: 600 },
    examination: { items: 4, rows: 4, answerTokens: 3, taskTokens: 8, resamples: 100 },
    sample: { prompt: 'then', maxTokens: 3 },
  };
  const RUN = ['run', '--from', 'bitnet', '--json'];
  const RESUME = ['run', '--resume', 'latest', '--json'];

  it('goes on inside either stage, in main training and between levels, to the same forms', async () => {
    const phases = { bitnet: QUANTISING, curriculum: FORGING };
    const straight = await projectWithChampion({ ...EVOLUTION, generations: 1 }, THINKING, phases);
    expect((await agentforge(straight, ['run', '--phase', 'quietstar'])).stderr).not.toContain('AF_');
    const broken = await copyOf(straight);
    const whole = await agentforge(straight, RUN);
    expect(whole.stderr).not.toContain('AF_');
    expect(whole.code).toBe(0);

    const first = await agentforge(broken, RUN, atCheckpoint('bitnet/areas/recovery', 4));
    expect(first.code).toBeNull();
    expect(Math.max(...(await checkpointsOf(broken, 'bitnet/areas/recovery')))).toBeLessThan(UPDATES / 2);
    const second = await agentforge(broken, RESUME, atCheckpoint('bitnet/areas/recovery-2', UPDATES / 2 + 4));
    expect(second.code).toBeNull();
    expect(Math.max(...(await checkpointsOf(broken, 'bitnet/areas/recovery-2')))).toBeLessThan(UPDATES);
    for (const [area, step] of [
      ['curriculum/areas/forge', 8],
      ['curriculum/areas/levels', 3],
    ] as const)
      expect((await agentforge(broken, RESUME, atCheckpoint(area, step))).code).toBeNull();

    const resumed = await agentforge(broken, RESUME);
    expect(resumed.stderr).not.toContain('AF_');
    expect(resumed.code).toBe(0);
    const hashes = hashesOf(whole);
    const forms = ['ternary-latent', 'ternary', 'ternary-fp16', 'forged-latent', 'forged', 'forged-fp16'];
    for (const name of forms) expect(hashes[name]).toMatch(/^[0-9a-f]{64}$/);
    expect(hashesOf(resumed)).toEqual(hashes);
    await Promise.all([straight, broken].map(removeProject));
  });
});
