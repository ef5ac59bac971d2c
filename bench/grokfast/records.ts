import { appendFile, mkdir, readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { armTitle, type Arm } from './arms.js';
import type { StudyForm } from './forms.js';
import { settingsOf, type RunRecord } from './run.js';

/** Runs that were finished, one line of JSON each: a study that was killed goes on with the next one. */
export class Records {
  private constructor(
    readonly file: string | null,
    private readonly form: StudyForm,
    private readonly finished: RunRecord[],
  ) {}

  /** @param file null: nothing is kept */
  static async open(file: string | null, form: StudyForm): Promise<Records> {
    if (file !== null) await mkdir(dirname(file), { recursive: true });
    return new Records(file, form, file === null ? [] : parse(await textOf(file)));
  }

  /** What a run measured before, under the same settings and budget. */
  find(arm: Arm, seed: number): RunRecord | undefined {
    return this.finished.find(
      (record) =>
        record.arm === armTitle(arm) &&
        record.seed === seed &&
        record.budget === this.form.budget(arm) &&
        record.settings === settingsOf(this.form),
    );
  }

  async add(record: RunRecord): Promise<void> {
    this.finished.push(record);
    if (this.file !== null) await appendFile(this.file, `${JSON.stringify(record)}\n`);
  }
}

async function textOf(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '';
    throw error;
  }
}

/** A last line that was cut off with its process is no record. */
function parse(text: string): RunRecord[] {
  return text.split('\n').flatMap((line) => {
    try {
      return [JSON.parse(line) as RunRecord];
    } catch {
      return [];
    }
  });
}
