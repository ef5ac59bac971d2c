import { plateauOf, requireScore, type CycleScore, type PlateauSettings } from './plateau.js';

/** `a`: prompts for tools, from observed failures. `b`: the model's own descriptions of itself. */
export type CycleKind = 'a' | 'b';

/** How far two kinds of cycles have come. JSON: what goes on from it is what would have been. */
export interface CyclesState {
  readonly series: Readonly<Record<CycleKind, readonly CycleScore[]>>;
  /** Cycles done of each kind. */
  readonly done: Readonly<Record<CycleKind, number>>;
  readonly last: CycleKind | null;
  /** How often a cycle was of another kind than the one before it. */
  readonly switches: number;
  /** Cycles that ended on a plateau of their kind. */
  readonly detections: number;
  /** The last cycle that did, of all from 1; null: none. */
  readonly lastDetection: number | null;
}

export interface CycleSettings extends PlateauSettings {
  /** Most cycles of both kinds together. Default 20. */
  readonly mostCycles?: number;
  /** Most cycles of each kind; 0: none of it. Default: no bound of its own. */
  readonly mostOf?: Readonly<Partial<Record<CycleKind, number>>>;
}

/** `plateau`: every kind that was to be run is on its plateau. `cycles`: no more of them are allowed. */
export type NextCycle =
  { readonly kind: CycleKind } | { readonly kind: null; readonly reason: 'plateau' | 'cycles' };

const MOST_CYCLES = 20;
const OTHER: Readonly<Record<CycleKind, CycleKind>> = { a: 'b', b: 'a' };

/** @param before scores of the model before any cycle, where they were measured: a series begins with its own */
export function startCycles(before: Readonly<Partial<Record<CycleKind, number>>> = {}): CyclesState {
  const seriesOf = (value: number | undefined): CycleScore[] => {
    if (value === undefined) return [];
    requireScore({ value, error: 0 });
    return [{ value, error: 0 }];
  };
  return {
    series: { a: seriesOf(before.a), b: seriesOf(before.b) },
    done: { a: 0, b: 0 },
    ...{ last: null, switches: 0, detections: 0, lastDetection: null },
  };
}

/**
 * The state after one more cycle.
 *
 * @param score what it ended with: that of the model as it went on, so the score before where nothing was accepted
 */
export function withCycle(
  state: CyclesState,
  kind: CycleKind,
  score: CycleScore,
  settings: PlateauSettings = {},
): CyclesState {
  const scores = [...state.series[kind], score];
  const { reached } = plateauOf(scores, settings);
  const done = { ...state.done, [kind]: state.done[kind] + 1 };
  return {
    series: { ...state.series, [kind]: scores },
    done,
    last: kind,
    switches: state.switches + Number(state.last === OTHER[kind]),
    detections: state.detections + Number(reached),
    lastDetection: reached ? done.a + done.b : state.lastDetection,
  };
}

/**
 * Which cycle is next: the kinds take turns, `a` first; one that is on a plateau or was run as often as it may leaves its turns
 * to the other, and there is none when both are.
 */
export function nextCycle(state: CyclesState, settings: CycleSettings = {}): NextCycle {
  const { mostCycles = MOST_CYCLES, mostOf = {} } = settings;
  const kinds = (['a', 'b'] as const).filter((kind) => mostOf[kind] !== 0);
  const rising = kinds.filter((kind) => !plateauOf(state.series[kind], settings).reached);
  if (kinds.length > 0 && rising.length === 0) return { kind: null, reason: 'plateau' };
  const open = rising.filter((kind) => state.done[kind] < (mostOf[kind] ?? Infinity));
  if (open.length === 0 || state.done.a + state.done.b >= mostCycles) return { kind: null, reason: 'cycles' };
  const turn = state.last === null ? 'a' : OTHER[state.last];
  return { kind: open.includes(turn) ? turn : open[0]! };
}
