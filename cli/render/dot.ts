/** What a pipeline graph shows. */
export interface GraphFacts {
  /** In order, with the ids of the handoff schemas they take and give. */
  readonly phases: readonly {
    readonly name: string;
    readonly title: string;
    readonly input: string | null;
    readonly output: string | null;
  }[];
  readonly plugins: readonly { readonly name: string; readonly point: string }[];
}

/** The pipeline as GraphViz: phases from left to right, handoffs between them, and plugins by extension point. */
export function pipelineDot({ phases, plugins }: GraphFacts): string {
  const nodes = phases.map(
    ({ name, title }) => `  ${quote(`phase ${name}`)} [label=${quote(`${name}\n${title}`)}];`,
  );
  const edges = phases.slice(1).map((phase, index) => {
    const before = phases[index];
    return `  ${quote(`phase ${before?.name ?? ''}`)} -> ${quote(`phase ${phase.name}`)} [label=${quote(handoff(before?.output ?? null, phase.input))}];`;
  });
  return [
    'digraph pipeline {',
    '  rankdir=LR;',
    '  node [shape=box, style=rounded, fontname="Helvetica"];',
    '  edge [fontname="Helvetica", fontsize=10];',
    ...nodes,
    ...edges,
    ...lastHandoff(phases),
    ...pointClusters(plugins),
    '}',
    '',
  ].join('\n');
}

function lastHandoff(phases: GraphFacts['phases']): readonly string[] {
  const last = phases.at(-1);
  if (last === undefined || last.output === null) return [];
  return [
    `  ${quote('result')} [shape=note, label=${quote(last.output)}];`,
    `  ${quote(`phase ${last.name}`)} -> ${quote('result')};`,
  ];
}

function pointClusters(plugins: GraphFacts['plugins']): readonly string[] {
  const points = [...new Set(plugins.map((plugin) => plugin.point))].sort();
  return points.flatMap((point) => [
    `  subgraph ${quote(`cluster_${point}`)} {`,
    `    label=${quote(point)};`,
    '    node [shape=plain];',
    ...plugins
      .filter((plugin) => plugin.point === point)
      .map(({ name }) => `    ${quote(`${point} ${name}`)} [label=${quote(name)}];`),
    '  }',
  ]);
}

function handoff(given: string | null, taken: string | null): string {
  if (given === taken || taken === null) return given ?? '';
  return given === null ? taken : `${given}\nchecked as ${taken}`;
}

/** A DOT string: quotes and backslashes escaped, newlines as `\n`. */
function quote(text: string): string {
  return `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')}"`;
}
