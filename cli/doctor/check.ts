/** One line of `agentforge doctor`. */
export interface Check {
  readonly name: string;
  /** `missing`: not there and not needed. `failed`: needed and not there. */
  readonly status: 'ok' | 'warning' | 'missing' | 'failed';
  readonly detail: string;
  /** What to do about it. */
  readonly fix?: string;
}
