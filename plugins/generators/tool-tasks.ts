import { Type } from '@sinclair/typebox';
import { withDefault } from '../../core/contracts/options.js';
import type { Forge } from '../../core/contracts/plugin.js';
import {
  defineTaskGenerator,
  type TaskGenerator,
  type TaskItem,
  type TaskSpec,
} from '../../core/contracts/task.js';
import { TOOL, toolNameTag, type Tool, type ToolLimits } from '../../core/contracts/tool.js';
import type { RandomStream } from '../../core/contracts/merge.js';
import { ForgeError, nearest, type Problem } from '../../core/errors/index.js';
import { contentHash } from '../../nn/data/content-hash.js';
import { Draw } from '../../nn/random/index.js';
import { unknownConcept, variantOf } from './shared/generator.js';

const NAME = 'tool-tasks';

const Limits = Type.Object(
  {
    steps: withDefault(Type.Integer({ minimum: 1, description: 'Elementary steps of a call.' }), 10_000),
    characters: withDefault(Type.Integer({ minimum: 1, description: 'Characters of a result.' }), 200),
    cells: withDefault(Type.Integer({ minimum: 1, description: 'Values a program may hold.' }), 1000),
  },
  { additionalProperties: false },
);

/** Questions that a tool answers: each tool of the container that can ask about itself is a concept. */
export const toolTasks = defineTaskGenerator({
  name: NAME,
  description: 'Questions for the tools there are, each with the call that answers it',
  options: Type.Object(
    {
      tools: withDefault(
        Type.Array(Type.String(), {
          uniqueItems: true,
          description: 'Names of tools; none: all that can ask.',
        }),
        [],
      ),
      limits: withDefault(Limits, { steps: 10_000, characters: 200, cells: 1000 }),
    },
    { additionalProperties: false },
  ),
  create: ({ tools, limits }, forge) => new ToolTasks(forge, tools, limits),
});

type AskingTool = Tool & Required<Pick<Tool, 'ask'>>;

class ToolTasks implements TaskGenerator {
  private found: ReadonlyMap<string, AskingTool> | null = null;

  constructor(
    private readonly forge: Forge,
    private readonly wanted: readonly string[],
    private readonly limits: ToolLimits,
  ) {}

  get concepts(): readonly string[] {
    return [...this.tools.keys()];
  }

  generate(spec: TaskSpec, random: RandomStream): TaskItem {
    const name = spec.concept ?? new Draw(random).pick(this.concepts);
    const tool = this.tools.get(name) ?? unknownConcept(NAME, name, this.concepts);
    const { question, args } = tool.ask(random, spec.difficulty, spec.side);
    const result = resultOf(name, tool, args, question, this.limits);
    return {
      id: contentHash(question),
      generator: NAME,
      concept: name,
      difficulty: spec.difficulty,
      side: spec.side,
      question,
      answer: result,
      thought: null,
      checker: 'tool-result',
      tool: { name, args, result },
      source: 'generated',
    };
  }

  variant(item: TaskItem, random: RandomStream): TaskItem {
    return variantOf(item, (spec) => this.generate(spec, random));
  }

  hint({ tool }: TaskItem, level: number): string | null {
    if (level === 1) return 'A tool can answer this.';
    if (tool === null || level < 1 || level > 3) return null;
    return level === 2
      ? `Use ${toolNameTag(tool.name)}.`
      : `Give ${toolNameTag(tool.name)} this: ${tool.args}`;
  }

  /** Found when they are first needed, for the tools of other plugins are there only when all are applied. */
  private get tools(): ReadonlyMap<string, AskingTool> {
    this.found ??= findTools(this.forge, this.wanted);
    return this.found;
  }
}

/** @throws ForgeError AF_CONFIG_INVALID for names that are no tool or one that cannot ask, AF_DATA_EMPTY without any */
function findTools(forge: Forge, wanted: readonly string[]): ReadonlyMap<string, AskingTool> {
  const names = forge.names(TOOL);
  const all = new Map(
    names.flatMap((name) => {
      const tool = forge.resolve(TOOL, name);
      return asks(tool) ? [[name, tool] as const] : [];
    }),
  );
  const problems = wanted.flatMap((name, place) =>
    all.has(name) ? [] : [problemOf(name, place, names, [...all.keys()])],
  );
  if (problems.length > 0) throw wrongTools(problems);
  if (all.size === 0)
    throw new ForgeError('AF_DATA_EMPTY', `${NAME} finds no tool that can ask a question.`, {
      at: NAME,
      fix: 'list tools in the plugins of the config, or leave tool-tasks out',
    });
  return wanted.length === 0 ? all : new Map(wanted.map((name) => [name, all.get(name)!]));
}

/** The message says everything: where the generator is made by a kernel, it is all that is shown of the cause. */
function wrongTools(problems: readonly Problem[]): ForgeError {
  const told = problems.map(({ message, suggestion, expected }) =>
    suggestion === undefined
      ? `${message} (expected ${expected})`
      : `${message}: did you mean "${suggestion}"?`,
  );
  return new ForgeError('AF_CONFIG_INVALID', `${NAME} cannot ask about its tools: ${told.join('; ')}`, {
    at: NAME,
    problems,
  });
}

function problemOf(
  name: string,
  place: number,
  names: readonly string[],
  asking: readonly string[],
): Problem {
  const suggestion = nearest(name, asking);
  return {
    at: `${NAME}.tools.${place}`,
    message: names.includes(name) ? `the tool "${name}" asks no questions` : `there is no tool "${name}"`,
    expected: asking.length === 0 ? 'nothing: no tool asks questions' : `one of ${asking.join(', ')}`,
    found: name,
    ...(suggestion === undefined ? {} : { suggestion }),
  };
}

function asks(tool: Tool): tool is AskingTool {
  return tool.ask !== undefined;
}

/** @throws ForgeError AF_TASK_ANSWER when the tool fails on its own question, or its answer is cut */
function resultOf(name: string, tool: Tool, args: string, question: string, limits: ToolLimits): string {
  const outcome = tool.run(args, limits);
  if (outcome.ok && outcome.cut !== true) return outcome.text;
  const reason = outcome.ok ? `its result is longer than ${limits.characters} characters` : outcome.message;
  throw new ForgeError(
    'AF_TASK_ANSWER',
    `The tool ${name} cannot answer "${question}" with ${args}: ${reason}.`,
    {
      at: `${NAME} ${name}`,
      fix: `let "ask" of ${name} ask what "run" can answer within the limits of ${NAME}`,
    },
  );
}
