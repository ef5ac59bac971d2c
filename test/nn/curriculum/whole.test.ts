import { CHECKER, type Checker, type TaskGenerator, type TaskItem } from '../../../core/contracts/task.js';
import {
  decideProgression,
  levelDifficulty,
  Lifecycle,
  probeBaseline,
  requireChecked,
  type Progression,
} from '../../../nn/curriculum/index.js';
import { stream } from '../../../nn/random/index.js';
import { number } from '../../../plugins/checkers/index.js';
import { arithmeticTasks } from '../../../plugins/generators/index.js';
import {
  curveStudent,
  implementationOf,
  learningStudent,
  oracleStudent,
  randomStudent,
  type Student,
} from '../../../testing/index.js';
import { generatorOf } from '../../plugins/generators/support.js';

const PLACES = 40;
const HELD_OUT = 60;

let generator: TaskGenerator;
let checker: Checker;
beforeAll(async () => {
  generator = await generatorOf(arithmeticTasks());
  checker = await implementationOf(CHECKER, number());
});

const right = (student: Student, item: TaskItem, hintLevel = 0): boolean =>
  checker.check(student.answer(item, hintLevel), item);

function question(
  difficulty: number,
  side: 'train' | 'held-out',
  ...path: readonly (string | number)[]
): TaskItem {
  return requireChecked(generator.generate({ difficulty, side }, stream(5, 'whole', side, ...path)), checker);
}

const probe = (student: Student) =>
  probeBaseline(async (difficulty, questions) => {
    const items = Array.from({ length: questions }, (_, place) =>
      question(difficulty, 'train', difficulty, place),
    );
    return items.filter((item) => right(student, item)).length;
  });

/** A level of questions at places, each place mastered as one; gives how many were left after each epoch. */
function level(student: Student, difficulty: number, mostEpochs = 12) {
  const places = Array.from({ length: PLACES }, (_, place) =>
    question(difficulty, 'train', 'place', difficulty, place),
  );
  const lifecycle = new Lifecycle(places.map((_, place) => String(place)));
  const left: number[] = [];
  let decision: Progression = { action: 'continue' };
  for (let epoch = 1; decision.action === 'continue'; epoch++) {
    for (const concept of lifecycle.active) {
      const item = places[Number(concept)]!;
      const correct = right(student, item, lifecycle.hintLevel(concept));
      lifecycle.record({ concept, id: item.id, right: correct });
      student.learn(item);
      places[Number(concept)] = generator.variant(item, stream(5, 'variant', difficulty, concept, epoch));
    }
    const { active, mastered, concepts } = lifecycle.counts;
    left.push(active);
    const measured = Array.from({ length: HELD_OUT }, (_, place) =>
      question(difficulty, 'held-out', epoch, place),
    );
    decision = decideProgression(
      {
        epoch,
        accuracy: measured.filter((item) => right(student, item)).length / HELD_OUT,
        mastered: mastered / concepts,
        left: active / concepts,
      },
      // Only mastery ends a level early here, so that the questions that are left are seen.
      { advanceAccuracy: 2, mostEpochs },
    );
  }
  return { left, decision, counts: lifecycle.counts };
}

describe('assessment', () => {
  test('an oracle saturates the range', async () => {
    expect(await probe(oracleStudent())).toMatchObject({ verdict: 'saturated', baseline: 100 });
  });

  test('a random student is below it', async () => {
    expect(await probe(randomStudent())).toMatchObject({ verdict: 'below_range', baseline: 1 });
  });

  test.each([25, 50, 80])('a curve around %p is found within 3', async (middle) => {
    const student = curveStudent((difficulty) => 1 / (1 + Math.exp((difficulty - middle) / 4)));
    const { verdict, baseline } = await probe(student);
    expect(verdict).toBe('found');
    expect(Math.abs(baseline - (middle - 4 * Math.log(3)))).toBeLessThan(3);
  });
});

describe('a level', () => {
  test('shrinks to nothing for an oracle, in as many epochs as mastery takes', () => {
    const { left, decision } = level(oracleStudent(), levelDifficulty(20, 5));
    expect(left).toEqual([PLACES, PLACES, 0]);
    expect(decision).toEqual({ action: 'advance', reason: 'mastered' });
  });

  test('masters nothing for a random student, and is a wall', () => {
    const { left, decision, counts } = level(randomStudent(), 50, 5);
    // Parking would come after the sixth failure.
    expect(left).toEqual(Array(5).fill(PLACES));
    expect(counts.mastered).toBe(0);
    expect(decision).toEqual({ action: 'stop', reason: 'hard-wall' });
  });

  test('parks what needs more than its hints', () => {
    const { decision, counts } = level(randomStudent(), 50, 30);
    expect(counts).toMatchObject({ mastered: 0, active: 0, parked: PLACES });
    expect(decision).toEqual({ action: 'stop', reason: 'hard-wall' });
  });

  test('masters nothing for who is right with a hint alone', () => {
    const { counts } = level(
      curveStudent((_, hintLevel) => (hintLevel > 0 ? 1 : 0)),
      50,
      9,
    );
    expect(counts).toMatchObject({ mastered: 0 });
  });

  test('is passed by who learns, later than by an oracle', () => {
    const { left, decision } = level(learningStudent({ start: 0.3, rate: 0.02 }), 50, 30);
    expect(decision).toEqual({ action: 'advance', reason: 'mastered' });
    expect(left.length).toBeGreaterThan(3);
    expect([...left].sort((a, b) => b - a)).toEqual(left);
  });
});
