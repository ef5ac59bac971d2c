import { wilsonEstimate, type Estimate } from '../../../../nn/evaluation/index.js';
import type { LiveModel } from '../../shared/model/open.js';
import type { Answered } from '../../shared/tasks/asking.js';
import type { BakingRun } from '../prepare.js';
import { answersOf, calledRightly, shareOf } from './check.js';
import { FADING, plainQuestions, toolQuestions, withManuals, type Fading } from './questions.js';

/** A tool as it is used without a manual, and the controls. Shares of the same held-out questions. JSON. */
export interface ToolResult {
  readonly tool: string;
  readonly items: number;
  /** The model that came in without a manual, and with it. */
  readonly unprompted: Estimate;
  readonly prompted: Estimate;
  /** This model without a manual; with it: {@link FadingResult}. */
  readonly baked: Estimate;
  /** And the answer that follows the result is right, without a manual. */
  readonly answered: Estimate;
}

/** How the success of a tool changes while its manual gets shorter, before and after. JSON. */
export interface FadingResult {
  readonly tool: string;
  readonly items: number;
  readonly base: Readonly<Record<Fading, number>>;
  readonly baked: Readonly<Record<Fading, number>>;
}

/** What tools come to. JSON. */
export interface ToolResults {
  readonly tools: readonly ToolResult[];
  /** Calls where no tool is needed, by the model that came in and by this one, neither with a manual. */
  readonly falseCalls: FalseCalls | null;
  readonly fading: readonly FadingResult[];
}

/** Calls where none is needed. JSON. */
export interface FalseCalls {
  readonly items: number;
  readonly base: Estimate;
  readonly baked: Estimate;
  /** Of this model, by the tool that is called first. */
  readonly byTool: Readonly<Record<string, number>>;
}

/** Models before and after. */
export interface Compared {
  readonly base: LiveModel;
  readonly baked: LiveModel;
}

/** Ask held-out questions that nobody was asked before. @param told how many parts are done */
export async function examineTools(
  run: BakingRun,
  { base, baked }: Compared,
  told: (done: number) => void | Promise<void>,
): Promise<ToolResults> {
  const { toolItems: count, plainItems } = run.options.examination;
  const tools: ToolResult[] = [];
  for (const tool of run.toolNames) {
    const asked = toolQuestions(run, tool, { side: 'held-out', count }, 'examination');
    const manuals = withManuals(run, asked, 'manual', 'examination', tool);
    const share = async (model: LiveModel, questions: typeof asked): Promise<Estimate> =>
      estimateOf(await calledRightly(run, model, questions), count);
    const answers = await answersOf(run, baked, asked);
    tools.push({
      ...{ tool, items: count },
      unprompted: await share(base, asked),
      prompted: await share(base, manuals),
      baked: estimateOf(
        shareOf(answers, ({ called }) => called),
        count,
      ),
      answered: estimateOf(
        shareOf(answers, ({ right }) => right),
        count,
      ),
    });
    await told(tools.length);
  }
  return {
    tools,
    falseCalls: await falseCalls(run, { base, baked }, plainItems),
    fading: await faded(run, { base, baked }, (done) => told(run.toolNames.length + done)),
  };
}

function estimateOf(share: number, items: number): Estimate {
  return wilsonEstimate(Math.round(share * items), items);
}

async function falseCalls(
  run: BakingRun,
  { base, baked }: Compared,
  count: number,
): Promise<ToolResults['falseCalls']> {
  const asked = plainQuestions(run, { side: 'held-out', count }, 'examination');
  if (asked.length === 0 || run.language.tools === null) return null;
  const called = ({ calls }: Answered): boolean => calls.length > 0;
  const before = await answersOf(run, base, asked);
  const after = await answersOf(run, baked, asked);
  return {
    items: asked.length,
    base: estimateOf(shareOf(before, called), asked.length),
    baked: estimateOf(shareOf(after, called), asked.length),
    byTool: Object.fromEntries(
      run.toolNames.map((tool) => [tool, shareOf(after, ({ calls: [first] }) => first?.name === tool)]),
    ),
  };
}

/** The manual as it is, a few words of it, the name of the tool alone, nothing. */
async function faded(
  run: BakingRun,
  models: Compared,
  told: (done: number) => void | Promise<void>,
): Promise<readonly FadingResult[]> {
  const { fadingItems: items } = run.options.examination;
  const results: FadingResult[] = [];
  for (const tool of run.toolNames) {
    const asked = toolQuestions(run, tool, { side: 'held-out', count: items }, 'fading');
    const success = async (model: LiveModel): Promise<Record<Fading, number>> => {
      const shares = {} as Record<Fading, number>;
      for (const form of FADING)
        shares[form] = await calledRightly(run, model, withManuals(run, asked, form, 'fading', tool));
      return shares;
    };
    results.push({ tool, items, base: await success(models.base), baked: await success(models.baked) });
    await told(results.length);
  }
  return results;
}
