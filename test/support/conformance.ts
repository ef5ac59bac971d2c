import type { ConformanceCase } from '../../testing/case.js';
import { runConformance } from '../../testing/case.js';

/** Register every case of a suite with jest. */
export function testConformance(cases: readonly ConformanceCase[]): void {
  for (const { name, run } of cases) test(name, run);
}

/** Names of the cases that a subject fails. */
export async function failures(cases: readonly ConformanceCase[]): Promise<string[]> {
  const { failed } = await runConformance(cases);
  return failed.map(({ name }) => name);
}

/** Whether a (broken) subject fails the case of the given name. */
export async function fails(cases: readonly ConformanceCase[], name: string): Promise<boolean> {
  const about = cases.filter((one) => one.name === name);
  if (about.length !== 1) throw new Error(`the suite has ${about.length} cases called "${name}"`);
  return (await failures(about)).length === 1;
}
