import { ForgeError } from '../../core/errors/index.js';
import { IGNORED_TARGET, type PackedRow } from './pack.js';

/** A text that goes on: what is read first, and the tokens that are predicted. */
export interface Continuation {
  /** At least one id: something must predict the first token of the output. */
  readonly before: readonly number[];
  readonly output: readonly number[];
}

/** One continuation, as a teacher sees it (prompt in front) and as a student does. */
export interface AlignedPair {
  readonly teacher: Continuation;
  readonly student: Continuation;
  /** Places of the output that nobody predicts: both sides read them. Absent: none. */
  readonly given?: readonly number[];
}

/** The student's row, and beside it what its teacher reads. */
export interface AlignedRow extends PackedRow {
  /** Teacher's row and its segments. */
  readonly teacherIds: Int32Array;
  readonly teacherSegments: Int32Array;
  /** For each position of the student the teacher's position that predicts the same token; -1 where none does. */
  readonly teacherIndex: Int32Array;
}

export interface AlignedRows {
  readonly rows: readonly AlignedRow[];
  /** Indices of pairs of which one side is longer than its row. */
  readonly skipped: readonly number[];
}

export interface AlignedShape {
  /** Tokens of the student's row. */
  readonly length: number;
  readonly teacherLength: number;
  readonly padId: number;
}

/**
 * One row per pair for prompt baking: ids_T = [u, x, y], ids_S = [x, y]. A token of y is predicted by the position before
 * it, its first one by the last position of what stands before y; nothing else has a target. What is left of a row is a
 * segment of its own.
 *
 * @throws ForgeError AF_BAKING_ALIGNMENT when the two sides do not predict the same tokens, or nothing stands before them
 */
export function alignedRows(pairs: readonly AlignedPair[], shape: AlignedShape): AlignedRows {
  pairs.forEach(checkPair);
  const fits = ({ before, output }: Continuation, length: number): boolean =>
    before.length + output.length <= length;
  const isFitting = ({ teacher, student }: AlignedPair): boolean =>
    fits(student, shape.length) && fits(teacher, shape.teacherLength);
  return {
    rows: pairs.filter(isFitting).map((pair) => alignedRow(pair, shape)),
    skipped: pairs.flatMap((pair, index) => (isFitting(pair) ? [] : [index])),
  };
}

function alignedRow({ teacher, student, given = [] }: AlignedPair, shape: AlignedShape): AlignedRow {
  const { length, teacherLength, padId } = shape;
  const targets = new Int32Array(length).fill(IGNORED_TARGET);
  const teacherIndex = new Int32Array(length).fill(-1);
  const read = new Set(given);
  student.output.forEach((id, t) => {
    if (read.has(t)) return;
    const at = student.before.length - 1 + t;
    targets[at] = id;
    teacherIndex[at] = teacher.before.length - 1 + t;
  });
  const own = laidOut(student, length, padId);
  const told = laidOut(teacher, teacherLength, padId);
  return { ...own, targets, teacherIds: told.ids, teacherSegments: told.segments, teacherIndex };
}

function laidOut(
  { before, output }: Continuation,
  length: number,
  padId: number,
): { readonly ids: Int32Array; readonly segments: Int32Array } {
  const ids = new Int32Array(length).fill(padId);
  ids.set(before);
  ids.set(output, before.length);
  return { ids, segments: new Int32Array(length).fill(1, before.length + output.length) };
}

function checkPair({ teacher, student }: AlignedPair, index: number): void {
  const [told, own] = [teacher.output, student.output];
  const same = told.length === own.length && told.every((id, t) => id === own[t]);
  if (same && own.length > 0 && teacher.before.length > 0 && student.before.length > 0) return;
  const why = same
    ? 'predict nothing, or have nothing to predict the first token from'
    : 'do not predict the same tokens';
  throw new ForgeError('AF_BAKING_ALIGNMENT', `Teacher and student of pair ${index} ${why}.`, {
    at: `pair ${index}`,
    fix: 'Give both sides the same output ids, at least one, and at least one id before them (the start of a document).',
    facts: { teacher: [...told], student: [...own] },
  });
}
