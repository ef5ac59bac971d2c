import type { GateResult } from '../../../core/contracts/phase.js';
import { judgeOf } from '../shared/gates.js';
import { integrityGates, type IntegrityFacts } from '../shared/integrity.js';
import {
  consistencies,
  divergenceRemoved,
  fullBakes,
  meanOfTools,
  mostForgotten,
  type Judged,
} from './findings.js';
import type { BakingOptions } from './options.js';
import { GATES } from './table.js';

const judge = judgeOf(GATES);

/** What the gates look at besides the findings. */
export interface GateSubject {
  readonly options: BakingOptions;
  readonly integrity: readonly IntegrityFacts[];
  /** The packed file, read again, gives every tensor back to the bit. */
  readonly readBack: boolean;
  /** Matrices whose format is another than it was. */
  readonly reformatted: readonly string[];
}

/** Integrity and target gates of phase 6. A miss is reported with the measured figure. */
export function judgePhase(
  found: Judged,
  { options, integrity, readBack, reformatted }: GateSubject,
): GateResult[] {
  const { gates } = options;
  const { before, after, bytes } = found;
  return [
    ...integrityGates(integrity, gates.parameterRange),
    judge.holds('packed_read_back', readBack, 'the packed file gives its weights back'),
    judge.judged(
      'format_kept',
      reformatted.join(', ') || 'all',
      'every format as it came',
      reformatted.length === 0,
    ),
    ...toolGates(found, gates),
    ...personaGates(found, gates),
    judge.atMost('forgetting', mostForgotten(found), gates.forgetting),
    judge.atLeast('divergence_removed', leastRemoved(found), gates.divergence),
    judge.atMost(
      'latency',
      found.latency === null ? null : found.latency.bakedMs / found.latency.promptedMs,
      gates.latency,
    ),
    judge.atMost('perplexity', Math.exp(after.text - before.text) - 1, gates.perplexityRise),
    judge.atMost('file_size', bytes.after / bytes.before, 1 + gates.fileGrowth),
  ];
}

function toolGates(found: Judged, gates: BakingOptions['gates']): GateResult[] {
  const refused = found.toolChecks.filter((check) => check.refused !== null).length;
  const shares = found.tools.tools.map(({ baked }) => baked.value);
  const { falseCalls } = found.tools;
  return [
    judge.atLeast('tool_success', meanOfTools(found), gates.toolSuccess),
    judge.atLeast('each_tool', shares.length === 0 ? null : Math.min(...shares), gates.eachTool),
    judge.atMost('false_calls', falseCalls?.baked.value ?? null, gates.falseCalls),
    judge.judged('tools_refused', refused, 'none', refused === 0),
  ];
}

function personaGates(found: Judged, gates: BakingOptions['gates']): GateResult[] {
  const refused = found.personaChecks.filter((check) => check.refused !== null).length;
  const shares = consistencies(found);
  const { switching } = found.personas;
  return [
    judge.atLeast(
      'persona_consistency',
      shares.length === 0 ? null : Math.min(...shares),
      gates.personaConsistency,
    ),
    judge.judged('personas_refused', refused, 'none', refused === 0),
    judge.judged(
      'persona_switching',
      switching?.equal ?? null,
      switching === null ? 'two personas at least' : `${switching.pairs} of ${switching.pairs} equal`,
      switching === null ? null : switching.equal === switching.pairs,
    ),
  ];
}

/** Of the bakes that stayed, what the least effective one removed; null: there was none. */
function leastRemoved(found: Judged): number | null {
  const shares = fullBakes(found).map(divergenceRemoved);
  return shares.length === 0 ? null : Math.min(...shares.map((share) => share ?? 0));
}
