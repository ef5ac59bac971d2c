import { type ForgeError, problemsError, type ErrorCode, type Problem } from '../../core/errors/index.js';

/** Keys from the root of a document down to a value. */
export type Path = readonly (string | number)[];

/** Gathers problems of one document, so that all are told at once, each with its line where there is one. */
export class ProblemReport {
  readonly problems: Problem[] = [];

  /**
   * @param file what messages call the document
   * @param lineOf line of a value, counted from 1, or null when the document has none
   */
  constructor(
    private readonly file: string,
    private readonly lineOf: (path: Path) => number | null = () => null,
  ) {}

  add(path: Path, problem: Omit<Problem, 'at' | 'source'>): void {
    this.addAt(pathText(path), path, problem);
  }

  /** Problems that a schema validator found; their places are config paths. */
  addAll(problems: readonly Problem[]): void {
    for (const problem of problems) this.addAt(problem.at, parsePath(problem.at), problem);
  }

  /** @throws ForgeError with every problem, when there is one */
  throwIfAny(code: ErrorCode, subject: string, fix: string): void {
    if (this.problems.length > 0) throw this.error(code, subject, fix);
  }

  private error(code: ErrorCode, subject: string, fix: string): ForgeError {
    return problemsError(code, subject, this.problems, fix);
  }

  private addAt(at: string, path: Path, problem: Omit<Problem, 'at' | 'source'>): void {
    const line = this.lineOf(path);
    this.problems.push({ ...problem, at, source: line === null ? this.file : `${this.file}:${line}` });
  }
}

/** `['models', 0, 'model']` -> `models[0].model`. */
export function pathText(path: Path): string {
  return path.reduce<string>(
    (text, key) => (typeof key === 'number' ? `${text}[${key}]` : text === '' ? key : `${text}.${key}`),
    '',
  );
}

function parsePath(text: string): Path {
  return (text.match(/[^.[\]"]+/g) ?? []).map((key) => (/^\d+$/.test(key) ? Number(key) : key));
}
