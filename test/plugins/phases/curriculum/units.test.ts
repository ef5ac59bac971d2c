import { readCall, tagId } from '../../../../nn/tools/index.js';
import { Draw } from '../../../../nn/random/index.js';
import { TOOL } from '../../../../core/contracts/tool.js';
import type { TaskItem } from '../../../../core/contracts/task.js';
import { posed } from '../../../../plugins/phases/curriculum/forge.js';
import { documentsOf, randomOf } from '../../../../plugins/phases/curriculum/lessons.js';
import type { CurriculumRun } from '../../../../plugins/phases/curriculum/prepare.js';
import { promptIds, referenceDocument, UNKNOWN } from '../../../../plugins/phases/shared/tasks/prompts.js';
import { saysUnknown, type Answered } from '../../../../plugins/phases/shared/tasks/asking.js';
import { withRun, WITH_TOOLS } from './support.js';

const withTools = (use: (run: CurriculumRun) => void): Promise<null> =>
  withRun(WITH_TOOLS, (run) => {
    use(run);
    return Promise.resolve(null);
  });
const callOf = ({ book }: CurriculumRun, difficulty = 60): TaskItem =>
  book.calls({ difficulty, side: 'train', count: 1 }, null, 'unit')[0]!;
const drawOf = (run: CurriculumRun) => new Draw(randomOf(run, 'unit'));

test('of a call the model learns the call and the answer, never prompt, manual or result', () =>
  withTools((run) => {
    const { language } = run;
    const tools = language.tools!;
    const item = callOf(run);
    const asked = run.book.withManual(item, drawOf(run));
    const { ids, lossMask } = referenceDocument(language, asked, 'call');
    const prompt = promptIds(language, asked).length;
    const [start, end] = [ids.indexOf(tagId(tools, '<|result|>')), ids.indexOf(tagId(tools, '<|/result|>'))];
    expect(end).toBeGreaterThan(start);
    const wanted = [...ids].map((_, i) => (i < prompt || (i >= start && i <= end) ? 0 : 1));
    expect([...lossMask!]).toEqual(wanted);
    const call = readCall([...ids.slice(prompt, start)], tools);
    expect(call).toMatchObject({ ok: true, name: item.tool!.name });
    expect(call.ok && language.tokenizer.decode(call.args)).toBe(item.tool!.args);
    // with the space that the answer has, too: the same tokens
    expect(language.tokenizer.decode(ids.slice(start + 1, end))).toBe(` ${item.tool!.result}`);
  }));

test('tasks are posed in the shares of the options; easy ones are never said to be unknown for want of a manual', () =>
  withTools((run) => {
    const { without, other, aside } = run.options.tools;
    const draw = drawOf(run);
    const count = 2000;
    const poses = (item: TaskItem) => Array.from({ length: count }, () => posed(run, item, draw));
    const share = (all: ReturnType<typeof poses>, holds: (one: (typeof all)[number]) => boolean) =>
      all.filter(holds).length / count;
    const hard = poses(callOf(run, 60));
    // Three standard errors of 2,000 draws are at most 0.034.
    expect(Math.abs(share(hard, ({ asked }) => asked.manuals.length === 0) - without)).toBeLessThan(0.034);
    const wrong = share(hard, ({ asked, way }) => asked.manuals.length > 0 && way === 'unknown');
    expect(Math.abs(wrong - (1 - without) * other)).toBeLessThan(0.034);
    const easy = poses(callOf(run, 10));
    expect(share(easy, ({ asked }) => asked.manuals.length === 0)).toBe(0);
    const [plain] = run.book.questions({ difficulty: 10, side: 'train', count: 1 }, 'unit');
    const questions = poses(plain!);
    expect(Math.abs(share(questions, ({ asked }) => asked.manuals.length > 0) - aside)).toBeLessThan(0.034);
    expect(new Set(questions.map(({ way }) => way))).toEqual(new Set(['thought']));
  }));

test('manuals of held-out tasks are of held-out wording', () =>
  withTools((run) => {
    const draw = drawOf(run);
    for (const side of ['train', 'held-out'] as const) {
      const wordings = run.book.tools.flatMap((name) => {
        const { manual } = run.ctx.resolve(TOOL, name);
        return side === 'train' ? manual.wordings : manual.heldOut;
      });
      for (const item of run.book.calls({ difficulty: [1, 100], side, count: 30 }, null, 'unit'))
        for (const manual of run.book.withManual(item, draw).manuals) expect(wordings).toContain(manual);
    }
  }));

test('the same words give the same tasks, other words give others', () =>
  withTools(({ book }) => {
    const drawn = (...words: string[]) =>
      book
        .mixed({ difficulty: [1, 100], side: 'train', count: 40 }, ...words)
        .map(({ id, tool }) => [id, tool !== null]);
    expect(drawn('a')).toEqual(drawn('a'));
    expect(drawn('a')).not.toEqual(drawn('b'));
    expect(drawn('a').filter(([, called]) => called)).toHaveLength(20);
  }));

test('a right answer is learnt as it was written, a wrong one from the reference with and without its hint', () =>
  withTools((run) => {
    const { language } = run;
    const tools = language.tools!;
    const item = callOf(run);
    const asked = { ...run.book.withManual(item, drawOf(run)), hint: 'a hint' };
    const prompt = promptIds(language, asked);
    const own = [65, tagId(tools, '<|result|>'), 66, tagId(tools, '<|/result|>'), 67];
    const answered: Answered = { asked, ids: own, text: '', calls: [], right: true, called: true };
    const [learnt, ...none] = documentsOf(run, answered);
    expect(none).toEqual([]);
    const eos = language.tokenizer.special.eos;
    const end = eos === null ? [] : [eos];
    expect([...learnt!.ids]).toEqual([...prompt, ...own, ...end]);
    expect([...learnt!.lossMask!]).toEqual([...prompt.map(() => 0), 1, 0, 0, 0, 1, ...end.map(() => 1)]);
    const bare = { ...asked, hint: null };
    expect(documentsOf(run, { ...answered, right: false })).toEqual([
      referenceDocument(language, asked, 'call'),
      referenceDocument(language, bare, 'call'),
    ]);
    const wrong = documentsOf(run, { ...answered, asked: bare, ids: null, right: false });
    expect(wrong).toEqual([referenceDocument(language, bare, 'call')]);
  }));

test('to say that it is not known is to say that alone', () => {
  const said = (text: string, calls: Answered['calls'] = []) => saysUnknown({ text, calls } as Answered);
  expect(said(` #### ${UNKNOWN}`)).toBe(true);
  expect(said(' #### 4')).toBe(false);
  expect(said(` #### ${UNKNOWN} 4`)).toBe(false);
  expect(said(` #### ${UNKNOWN}`, [{}] as unknown as Answered['calls'])).toBe(false);
});
