import type { Handoff } from '../../../core/contracts/handoff.js';
import type { PhaseContext, PhaseResult } from '../../../core/contracts/phase.js';
import type { Assessment } from '../../../nn/curriculum/index.js';
import { phaseResult } from '../shared/model/hand-on.js';
import { assessed } from './assess.js';
import { forgeDocuments } from './forge.js';
import { learnLevels, measuredLists } from './levels.js';
import { levelLists } from './lists.js';
import { measured, rightIn } from './measure.js';
import type { CurriculumOptions } from './options.js';
import { prepare } from './prepare.js';
import { Forge } from './training.js';

export async function runCurriculum(
  ctx: PhaseContext,
  options: CurriculumOptions,
  input: Handoff | null,
): Promise<PhaseResult> {
  const run = await prepare(ctx, options, input);
  const say = (label: string, value: unknown): void =>
    void process.stderr.write(`${((performance.now() - t0) / 1000).toFixed(1)} ${label} ${JSON.stringify(value)}\n`);
  const t0 = performance.now();
  const forge = await Forge.open(run);
  try {
    const before = await forge.applied();
    const assessment: Assessment = await assessed(run, before, (done) => done / 20);
    say('assessment', { v: assessment.verdict, b: assessment.baseline, curve: assessment.curve.map((c) => [c.difficulty, c.right, c.asked]) });
    const lists = levelLists(run, assessment.baseline);
    let retention = await measuredLists(run, before, lists, { moment: 'before' });
    say('before', retention.accuracy.map((r) => r[0]));
    await run.writers.release(before);
    const documents = forgeDocuments(run, assessment.baseline);
    say('documents', [documents.length, documents.reduce((s, d) => s + d.ids.length, 0)]);
    const trained = await forge.train({ name: 'forge', documents, steps: options.forge.steps, rate: [1, options.forge.training.floor], shapes: 'staged', fraction: (d) => d / 2 });
    say('trained', trained.loss);
    const after = await forge.applied();
    retention = await measuredLists(run, after, lists, { moment: 'forge', retention });
    say('forge', retention.accuracy.map((r) => r[1]));
    const dbg = async (label: string, asked: import('./prompts.js').Asked[]): Promise<void> => {
      const { answers } = await (await import('./asking.js')).ask(run, after, asked);
      const by = new Map<string, [number, number]>();
      const shown = new Map<string, number>();
      for (const a of answers) {
        const k = a.asked.item.generator + '/' + a.asked.item.concept;
        const v = by.get(k) ?? [0, 0];
        by.set(k, [v[0] + Number(a.right), v[1] + 1]);
        if (!a.right && (shown.get(k) ?? 0) < 3) {
          shown.set(k, (shown.get(k) ?? 0) + 1);
          say('miss', [k, a.asked.item.question, a.asked.item.tool?.args ?? a.asked.item.thought, a.asked.item.answer, a.ids === null ? null : run.language.tokenizer.decode([...a.ids], { specials: true })]);
        }
      }
      say(label, [...by]);
    };
    const { Draw } = await import('../../../nn/random/index.js');
    const { randomOf } = await import('./lessons.js');
    const draw = new Draw(randomOf(run, 'dbg'));
    for (const side of ['train', 'held-out'] as const) {
      const t = run.book.calls({ difficulty: [1, 100], side, count: 150 }, null, 'dbg').map((i) => run.book.withManual(i, draw));
      await dbg('tools ' + side, t);
      await dbg('plain ' + side, run.book.questions({ difficulty: [1, 20], side, count: 120 }, 'dbg').map((item) => ({ item, manuals: [], hint: null })));
    }
    say('text', (await import('./measure.js')).textLoss && Math.exp(await (await import('./measure.js')).textLoss(run, after)));
    if (process.env['CUR_STOP']) return phaseResult({});
    const m = await measured(run, after, 200);
    say('measured', { text: m.text, with: rightIn(m.examined, 'with'), without: rightIn(m.examined, 'without'), tools: m.tools });
    const state = await learnLevels(run, forge, lists, { retention, ended: trained.ended }, (d) => d);
    say('levels', state.results);
    say('retention', state.retention);
    const last = await forge.applied();
    const n = await measured(run, last, 200);
    say('measured', { text: n.text, with: rightIn(n.examined, 'with'), without: rightIn(n.examined, 'without'), tools: n.tools });
    say('clock', run.clock.seconds);
  } finally {
    await forge.dispose();
    await run.writers.dispose();
  }
  return phaseResult({});
}
