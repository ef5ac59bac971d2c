import { ForgeError } from '../../core/errors/index.js';
import { quickstart } from '../../presets/quickstart.js';

/** What is learnt. */
export interface Task {
  readonly name: string;
  /** Options of phase 1. */
  readonly options: Readonly<Record<string, unknown>>;
  /** Datasets are drawn in the trunk's mix; otherwise every token is as likely as any other. */
  readonly mixed: boolean;
}

const QUICKSTART = quickstartOptions();

/** Copying is what tool calls are made of; the quickstart's data is the mix of everything. */
export const TASKS: readonly Task[] = [
  {
    name: 'copying',
    options: { ...QUICKSTART, data: { datasets: ['tool-calls'], evaluationRows: 64 } },
    mixed: false,
  },
  { name: 'quickstart', options: QUICKSTART, mixed: true },
];

/** @throws ForgeError AF_USAGE */
export function taskNamed(name: string): Task {
  const task = TASKS.find((one) => one.name === name);
  if (task !== undefined) return task;
  const known = TASKS.map((one) => one.name).join(', ');
  throw new ForgeError('AF_USAGE', `There is no task "${name}" to learn.`, {
    at: 'AGENTFORGE_BENCH_TASK',
    fix: `Choose one of: ${known}.`,
  });
}

/** What the preset says of phase 1. */
function quickstartOptions(): Readonly<Record<string, unknown>> {
  const [base] = quickstart().extends as readonly { readonly phases?: Readonly<Record<string, object>> }[];
  return { ...base!.phases!['cognate'] };
}
