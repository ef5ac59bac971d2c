import {
  CHECKER,
  TASK_GENERATOR,
  type TaskGenerator,
  type TaskItem,
} from '../../../../core/contracts/task.js';
import type { PhaseContext } from '../../../../core/contracts/phase.js';
import type { RandomStream } from '../../../../core/contracts/merge.js';
import { TOOL, type Difficulty, type TaskSide } from '../../../../core/contracts/tool.js';
import { requireChecked } from '../../../../nn/curriculum/index.js';
import { stream, type Draw } from '../../../../nn/random/index.js';
import { kindsOf, type Kind } from './kinds.js';
import type { Asked } from './prompts.js';

/** Draws per question that is wanted before the same one is taken again. */
const PATIENCE = 20;

/** What is asked, and what stands in front of it. */
export interface BookOptions {
  /** Generators of tasks that need no tool, or concepts of them. */
  readonly tasks: { readonly generators: readonly string[] };
  readonly tools: {
    /** Asks about tools; null: nothing does. */
    readonly generator: string | null;
    /** Of mixed tasks, those that need a tool. */
    readonly share: number;
    /** Most manuals in front of a question. */
    readonly manuals: number;
    /** Tools whose manuals stand in front of tasks that need none. */
    readonly bystanders: readonly string[];
  };
}

/** Draws tasks, and puts manuals in front of them. The same seed, phase and words give the same tasks. */
export class TaskBook {
  private readonly plain: readonly Kind[];
  private readonly calling: readonly Kind[];

  /** @param phase names the random numbers */
  constructor(
    private readonly ctx: Pick<PhaseContext, 'resolve' | 'seed'>,
    private readonly options: BookOptions,
    private readonly phase: string,
  ) {
    this.plain = options.tasks.generators.flatMap((name) => kindsOf(ctx, name));
    this.calling = options.tools.generator === null ? [] : kindsOf(ctx, options.tools.generator);
  }

  /** Tasks that were drawn, variants included. */
  drawnCount = 0;

  /** Names of the tools that are asked about. */
  get tools(): readonly string[] {
    return this.calling.map(({ concept }) => concept);
  }

  /** Tasks that need no tool, concepts in turn. */
  questions(wanted: Wanted, ...words: readonly string[]): TaskItem[] {
    return this.drawn(this.plain, wanted, words);
  }

  /** Tasks that need a tool. @param tool only this one */
  calls(wanted: Wanted, tool: string | null, ...words: readonly string[]): TaskItem[] {
    const kinds = this.calling.filter(({ concept }) => tool === null || concept === tool);
    return this.drawn(kinds, wanted, words);
  }

  /** Both, in the asked shares; tools and questions mixed evenly. */
  mixed(
    { count, tools, ...wanted }: Wanted & { readonly tools?: Wanted['difficulty'] },
    ...words: readonly string[]
  ): TaskItem[] {
    const calls = this.calling.length === 0 ? 0 : Math.round(count * this.options.tools.share);
    const [some, others] = [
      this.calls({ ...wanted, difficulty: tools ?? wanted.difficulty, count: calls }, null, ...words),
      this.questions({ ...wanted, count: count - calls }, ...words),
    ];
    return interleaved(some, others);
  }

  /** Another task of the same concept. */
  variant(item: TaskItem, random: RandomStream): TaskItem {
    return this.checked(this.generatorOf(item).variant(item, random));
  }

  hint(item: TaskItem, level: number): string | null {
    return level === 0 ? null : this.generatorOf(item).hint(item, level);
  }

  /** With the manual of its tool; of another, too, now and then. @param item that needs a tool */
  withManual(item: TaskItem, draw: Draw): Asked {
    const { manuals: most } = this.options.tools;
    const own = item.tool!.name;
    const others = this.tools.filter((name) => name !== own);
    const further = draw.several(others, draw.between(0, Math.min(most - 1, others.length)));
    const names = draw.several([own, ...further], further.length + 1);
    return { item, manuals: names.map((name) => this.manual(name, item.side, draw)), hint: null };
  }

  /** As levels ask: with its manual where it needs a tool, else with nothing in front. */
  plainly(item: TaskItem, draw: Draw): Asked {
    return item.tool === null ? { item, manuals: [], hint: null } : this.withManual(item, draw);
  }

  /** A task that needs no tool behind the manual of one that could not answer it; without one where there is none. */
  aside(item: TaskItem, draw: Draw): Asked {
    const bystanders = this.tools.filter((name) => this.options.tools.bystanders.includes(name));
    const manuals = bystanders.length === 0 ? [] : [this.manual(draw.pick(bystanders), item.side, draw)];
    return { item, manuals, hint: null };
  }

  /** With the manual of another tool than the task needs. */
  withOther(item: TaskItem, draw: Draw): Asked {
    const others = this.tools.filter((name) => name !== item.tool?.name);
    const manuals = others.length === 0 ? [] : [this.manual(draw.pick(others), item.side, draw)];
    return { item, manuals, hint: null };
  }

  private manual(tool: string, side: TaskSide, draw: Draw): string {
    const { wordings, heldOut } = this.ctx.resolve(TOOL, tool).manual;
    return draw.pick(side === 'train' ? wordings : heldOut);
  }

  private generatorOf({ generator }: TaskItem): TaskGenerator {
    return this.ctx.resolve(TASK_GENERATOR, generator);
  }

  private drawn(
    kinds: readonly Kind[],
    { difficulty, side, count }: Wanted,
    words: readonly string[],
  ): TaskItem[] {
    if (kinds.length === 0) return [];
    const random = stream(this.ctx.seed, this.phase, 'tasks', ...words, side);
    const seen = new Set<string>();
    return Array.from({ length: count }, (_, place) => {
      const { generator, concept } = kinds[place % kinds.length]!;
      const [least, most] = typeof difficulty === 'number' ? [difficulty, difficulty] : difficulty;
      let item: TaskItem;
      let tries = 0;
      do {
        const at = least + (most - least) * random.uniform();
        item = generator.generate({ difficulty: at, side, concept }, random);
      } while (seen.has(item.id) && ++tries < PATIENCE);
      seen.add(item.id);
      return this.checked(item);
    });
  }

  private checked(item: TaskItem): TaskItem {
    this.drawnCount++;
    return requireChecked(item, this.ctx.resolve(CHECKER, item.checker));
  }
}

export interface Wanted {
  /** One difficulty, or two of which any between is drawn. */
  readonly difficulty: Difficulty | readonly [least: Difficulty, most: Difficulty];
  readonly side: TaskSide;
  readonly count: number;
}

/** The shorter list spread evenly among the longer one. */
function interleaved<T>(some: readonly T[], others: readonly T[]): T[] {
  const all = [
    ...some.map((one, i) => [(i + 0.5) / some.length, one] as const),
    ...others.map((one, i) => [(i + 0.5) / others.length, one] as const),
  ];
  return all.sort(([a], [b]) => a - b).map(([, one]) => one);
}
