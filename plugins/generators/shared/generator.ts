import type { TaskGenerator, TaskItem, TaskSpec } from '../../../core/contracts/task.js';
import type { Difficulty, TaskSide } from '../../../core/contracts/tool.js';
import type { RandomStream } from '../../../core/contracts/merge.js';
import { ForgeError, nearest } from '../../../core/errors/index.js';
import { contentHash } from '../../../nn/data/content-hash.js';
import { Draw } from '../../../nn/random/index.js';
import { sideOf } from './sides.js';

/** Draws after which there seems to be no question that is wanted. */
const PATIENCE = 2000;
/** Draws for a variant that is another question. */
const VARIANTS = 200;

/** What one question is made of. */
export interface Task {
  readonly question: string;
  readonly answer: string | number;
  /** Claims of the thought, one per step; absent: the answer follows at once. */
  readonly steps?: readonly string[];
  /** The same for all wordings of one problem: it decides on which side the problem is. */
  readonly parameters: string;
}

/** One kind of question. */
export interface TaskConcept {
  readonly name: string;
  readonly checker: string;
  /** First hint: what it is about. */
  readonly area: string;
  /** Second hint: how it is done. */
  readonly rule: string;
  /** Third hint: how it begins. Absent: the first step of the thought, or the left side of its only one. */
  readonly first?: (item: TaskItem) => string | null;
  readonly make: (draw: Draw, difficulty: Difficulty, side: TaskSide) => Task;
}

/**
 * A generator of some concepts, all equally likely where none is asked for. A problem is drawn until it is of the wanted side.
 *
 * @throws ForgeError AF_TASK_CONCEPT, AF_DATA_EMPTY when a concept has no problem of a difficulty and side
 */
export function taskGenerator(name: string, concepts: readonly TaskConcept[]): TaskGenerator {
  const names = concepts.map((concept) => concept.name);
  const conceptOf = (wanted: string): TaskConcept =>
    concepts.find((concept) => concept.name === wanted) ?? unknownConcept(name, wanted, names);
  const generate = (spec: TaskSpec, random: RandomStream): TaskItem => {
    const draw = new Draw(random);
    const concept = spec.concept === undefined ? draw.pick(concepts) : conceptOf(spec.concept);
    return itemOf(name, concept, spec, taskOf(name, concept, spec, draw));
  };
  return {
    concepts: names,
    generate,
    variant: (item, random) => variantOf(item, (spec) => generate(spec, random)),
    hint: (item, level) => hintOf(conceptOf(item.concept), item, level),
  };
}

/** Another question of the same concept, difficulty and side; the same one only where there seems to be no other. */
export function variantOf(item: TaskItem, generate: (spec: TaskSpec) => TaskItem): TaskItem {
  const { concept, difficulty, side } = item;
  let variant = item;
  for (let draws = 0; variant.id === item.id && draws < VARIANTS; draws++)
    variant = generate({ concept, difficulty, side });
  return variant;
}

/** @throws ForgeError AF_TASK_CONCEPT, with the nearest name */
export function unknownConcept(generator: string, wanted: string, known: readonly string[]): never {
  const near = nearest(wanted, known);
  throw new ForgeError('AF_TASK_CONCEPT', `${generator} has no concept "${wanted}".`, {
    at: generator,
    fix: `${near === undefined ? '' : `did you mean "${near}"? `}It has ${known.join(', ')}.`,
  });
}

function taskOf(name: string, concept: TaskConcept, { difficulty, side }: TaskSpec, draw: Draw): Task {
  for (let draws = 0; draws < PATIENCE; draws++) {
    const task = concept.make(draw, difficulty, side);
    if (sideOf(`${name} ${concept.name} ${task.parameters}`) === side) return task;
  }
  throw new ForgeError(
    'AF_DATA_EMPTY',
    `${name} finds no ${side} question of ${concept.name} at difficulty ${difficulty}.`,
    { at: name, fix: 'let its options allow larger numbers or longer lists' },
  );
}

function itemOf(generator: string, concept: TaskConcept, spec: TaskSpec, task: Task): TaskItem {
  return {
    id: contentHash(task.question),
    generator,
    concept: concept.name,
    difficulty: spec.difficulty,
    side: spec.side,
    question: task.question,
    answer: String(task.answer),
    thought: task.steps === undefined ? null : task.steps.map((step) => `<step>${step}`).join(''),
    checker: concept.checker,
    tool: null,
    source: 'generated',
  };
}

function hintOf(concept: TaskConcept, item: TaskItem, level: number): string | null {
  if (level === 1) return concept.area;
  if (level === 2) return concept.rule;
  return level === 3 ? (concept.first ?? firstStep)(item) : null;
}

/** What the thought begins with, without the answer. */
export function firstStep({ thought }: Pick<TaskItem, 'thought'>): string | null {
  const steps = thought?.split('<step>').slice(1) ?? [];
  if (steps.length === 0) return null;
  const first = steps[0]!;
  return `First: ${steps.length > 1 ? first : `${first.slice(0, first.lastIndexOf('=') + 1)}?`}`;
}
