import { loadSchema } from './load-schema.js';
import { expandMetricPattern, metricPatternRegExp } from './metric-pattern.js';
import type { MetricDeclaration, MetricDescriptor } from './metrics.js';

/** A phase of the catalogue. */
export interface CataloguePhase {
  readonly name: string;
  /** 1..8 */
  readonly number: number;
  /** Other names the phase goes by, `phase1` among them. */
  readonly aliases: readonly string[];
}

interface CatalogueDocument {
  readonly phases: readonly CataloguePhase[];
  readonly counted: readonly MetricDescriptor[];
  readonly additional: readonly MetricDescriptor[];
}

/** The metric catalogue (schemas/metrics.json), read once and ready to answer. */
export interface MetricCatalogue {
  readonly phases: readonly CataloguePhase[];
  /** The documented catalogue: its patterns expand to 676 names. */
  readonly counted: readonly MetricDescriptor[];
  /** Known names that the documented count leaves out. Phase `*` is any phase. */
  readonly additional: readonly MetricDescriptor[];
  /** All concrete counted names of a phase, in catalogue order; `{N}` stays, as it counts once. */
  names(phase: string): string[];
  /** What a concrete name means in a phase, or null when the catalogue does not know it. */
  describe(phase: string, name: string): MetricDescriptor | null;
}

/** Descriptor of every phase: system metrics and the like. */
const ANY_PHASE = '*';

/** Read the catalogue. @throws ForgeError AF_INTERNAL when the package lacks it. */
export function loadMetricCatalogue(): MetricCatalogue {
  const { phases, counted, additional } = loadSchema<CatalogueDocument>('metrics.json');
  const canonical = (phase: string): string =>
    phases.find((known) => known.name === phase || known.aliases.includes(phase))?.name ?? phase;
  const matchers = [...counted, ...additional].map((descriptor) => ({
    descriptor,
    pattern: metricPatternRegExp(descriptor.name),
  }));
  const known = new Map<string, MetricDescriptor | null>();
  const find = (phase: string, name: string): MetricDescriptor | null =>
    matchers.find(({ descriptor, pattern }) => descriptor.phase === phase && pattern.test(name))
      ?.descriptor ?? null;
  return {
    phases,
    counted,
    additional,
    names: (phase) =>
      counted
        .filter((metric) => metric.phase === canonical(phase))
        .flatMap((metric) => expandMetricPattern(metric.name)),
    describe(phase, name) {
      const key = `${phase} ${name}`;
      let answer = known.get(key);
      if (answer === undefined) {
        answer = find(canonical(phase), name) ?? find(ANY_PHASE, name);
        known.set(key, answer);
      }
      return answer;
    },
  };
}

/**
 * What a concrete metric name means: `describeMetric('cognate', 'model_2/train/loss')?.unit` is `nats`. Reads the
 * catalogue on every call; hold a {@link loadMetricCatalogue} where many points are described.
 */
export function describeMetric(phase: string, name: string): MetricDescriptor | null {
  return loadMetricCatalogue().describe(phase, name);
}

/**
 * What the metrics of a phase mean, its own as those of the catalogue. Answers are kept: phases emit the same names
 * again and again.
 *
 * @param declared `metrics` of the phase
 */
export function metricDescriber(
  phase: string,
  declared: readonly MetricDeclaration[],
): (name: string) => MetricDescriptor | null {
  const own = declared
    .filter((declaration) => typeof declaration !== 'string')
    .map((descriptor) => ({ descriptor, pattern: metricPatternRegExp(descriptor.name) }));
  const catalogue = loadMetricCatalogue();
  const known = new Map<string, MetricDescriptor | null>();
  return (name) => {
    let answer = known.get(name);
    if (answer === undefined) {
      const found = own.find(({ pattern }) => pattern.test(name))?.descriptor;
      answer = found === undefined ? catalogue.describe(phase, name) : { ...found, phase };
      known.set(name, answer);
    }
    return answer;
  };
}
