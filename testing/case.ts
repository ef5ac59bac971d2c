/**
 * One check of a conformance suite. It belongs to no test runner: register it (`test(check.name, check.run)`), or
 * await `run` yourself. It rejects with a message that says what was expected and what was found.
 */
export interface ConformanceCase {
  readonly name: string;
  run(): Promise<void>;
}

/** Makes a fresh instance of what is tested; every case starts with its own. */
export type Subject<T> = () => T | Promise<T>;

/** What a suite found, for programs without a test runner. */
export interface ConformanceReport {
  readonly passed: readonly string[];
  readonly failed: readonly { readonly name: string; readonly error: unknown }[];
}

/** Run the cases one after another; a failure does not keep the others from running. */
export async function runConformance(cases: readonly ConformanceCase[]): Promise<ConformanceReport> {
  const passed: string[] = [];
  const failed: { name: string; error: unknown }[] = [];
  for (const check of cases) {
    try {
      await check.run();
      passed.push(check.name);
    } catch (error) {
      failed.push({ name: check.name, error });
    }
  }
  return { passed, failed };
}

/** Cases over a subject made anew for each. */
export function casesOf<T>(
  subject: Subject<T>,
  checks: Readonly<Record<string, (fresh: T) => void | Promise<void>>>,
): ConformanceCase[] {
  return Object.entries(checks).map(([name, check]) => ({
    name,
    run: async () => {
      await check(await subject());
    },
  }));
}
