/** What is counted for each concept. JSON. */
export interface ConceptState {
  readonly status: 'active' | 'mastered' | 'parked';
  /** Ids of the different variants that were answered rightly in a row without a hint. */
  readonly streak: readonly string[];
  /** Hints given since the last right answer without one. */
  readonly hints: number;
  /** Level of the hint that the next question comes with; 0: none. */
  readonly hintLevel: number;
  readonly attempts: number;
  readonly right: number;
}

export type LifecycleState = Readonly<Record<string, ConceptState>>;

export interface LifecycleSettings {
  /** Right answers in a row that master a concept. Default 3. */
  readonly mastery?: number;
  /** Levels of hints; further ones are of the last level. Default 3. */
  readonly hintLevels?: number;
  /** Hints after which a further failure parks a concept. Default 5. */
  readonly mostHints?: number;
}

/** One answer. The hint it came with is the one that {@link Lifecycle.hintLevel} had said. */
export interface Attempt {
  readonly concept: string;
  /** Id of the variant that was asked. */
  readonly id: string;
  readonly right: boolean;
}

export interface LifecycleCounts {
  readonly concepts: number;
  readonly active: number;
  readonly mastered: number;
  readonly parked: number;
}

const FRESH: ConceptState = { status: 'active', streak: [], hints: 0, hintLevel: 0, attempts: 0, right: 0 };

/**
 * What became of each concept. A concept is whatever is mastered as one: the counter belongs to it and not to the question
 * that stands for it, so that another variant may take a question's place at any time.
 *
 * - A right answer without a hint counts towards mastery, once per variant; a failure takes the count back to none.
 * - After a failure the next question comes with a hint, one level further each time. A right answer with a hint takes the
 *   hint away and counts for nothing; one without also forgets the hints that were needed.
 * - A failure after `mostHints` hints parks the concept.
 */
export class Lifecycle {
  private readonly states: Map<string, ConceptState>;
  private readonly settings: Required<LifecycleSettings>;

  /** @param concepts all there are, or what {@link state} gave */
  constructor(concepts: readonly string[] | LifecycleState, settings: LifecycleSettings = {}) {
    const entries = Array.isArray(concepts)
      ? (concepts as readonly string[]).map((concept) => [concept, FRESH] as const)
      : Object.entries(concepts as LifecycleState);
    this.states = new Map(entries);
    this.settings = { mastery: 3, hintLevels: 3, mostHints: 5, ...settings };
  }

  /** Concepts that are neither mastered nor parked, in their order. */
  get active(): readonly string[] {
    return [...this.states].filter(([, { status }]) => status === 'active').map(([concept]) => concept);
  }

  get counts(): LifecycleCounts {
    const all = [...this.states.values()];
    const of = (wanted: ConceptState['status']): number =>
      all.filter(({ status }) => status === wanted).length;
    return { concepts: all.length, active: of('active'), mastered: of('mastered'), parked: of('parked') };
  }

  /** Level of the hint that the next question of a concept comes with; 0: none. @throws RangeError for an unknown one */
  hintLevel(concept: string): number {
    return this.of(concept).hintLevel;
  }

  /** @throws RangeError for an unknown concept */
  of(concept: string): ConceptState {
    const state = this.states.get(concept);
    if (state === undefined) throw new RangeError(`there is no concept "${concept}"`);
    return state;
  }

  /** Count an answer. Gives what the concept is now; what is mastered or parked stays so. */
  record({ concept, id, right }: Attempt): ConceptState {
    const before = this.of(concept);
    const counted = { ...before, attempts: before.attempts + 1, right: before.right + Number(right) };
    const after =
      before.status !== 'active' ? counted : right ? this.succeed(counted, id) : this.fail(counted);
    this.states.set(concept, after);
    return after;
  }

  /** Everything that is counted; the constructor takes it back. */
  state(): LifecycleState {
    return Object.fromEntries(this.states);
  }

  private succeed(state: ConceptState, id: string): ConceptState {
    if (state.hintLevel > 0) return { ...state, hintLevel: 0 };
    const streak = state.streak.includes(id) ? state.streak : [...state.streak, id];
    return {
      ...state,
      streak,
      hints: 0,
      status: streak.length >= this.settings.mastery ? 'mastered' : 'active',
    };
  }

  private fail(state: ConceptState): ConceptState {
    const { hintLevels, mostHints } = this.settings;
    if (state.hints >= mostHints) return { ...state, streak: [], hintLevel: 0, status: 'parked' };
    const hints = state.hints + 1;
    return { ...state, streak: [], hints, hintLevel: Math.min(hints, hintLevels) };
  }
}
