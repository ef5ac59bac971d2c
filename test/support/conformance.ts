import type { ConformanceCase } from '../../testing/case.js';
import { runConformance } from '../../testing/case.js';

/** Register every case of a suite with jest. */
export function testConformance(cases: readonly ConformanceCase[]): void {
  for (const { name, run } of cases) test(name, run);
}

/** Names of the cases that a (broken) subject fails. */
export async function failures(cases: readonly ConformanceCase[]): Promise<string[]> {
  const { failed } = await runConformance(cases);
  return failed.map(({ name }) => name);
}
