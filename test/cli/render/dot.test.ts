import { pipelineDot } from '../../../cli/render/dot.js';

const phase = (name: string, input: string | null, output: string | null) => ({
  name,
  title: `The "${name}" phase`,
  input,
  output,
});

describe('the pipeline as a GraphViz graph', () => {
  test('phases, handoffs and plugins by point, names escaped', () => {
    const dot = pipelineDot({
      phases: [phase('make', null, 'models@1'), phase('merge', 'models@1', 'model@1')],
      plugins: [
        { name: 'ties', point: 'merge' },
        { name: 'lin\\ear', point: 'merge' },
        { name: 'jsonl', point: 'sink' },
      ],
    });
    expect(dot.split('\n').map((line) => line.trim())).toEqual([
      'digraph pipeline {',
      'rankdir=LR;',
      'node [shape=box, style=rounded, fontname="Helvetica"];',
      'edge [fontname="Helvetica", fontsize=10];',
      '"phase make" [label="make\\nThe \\"make\\" phase"];',
      '"phase merge" [label="merge\\nThe \\"merge\\" phase"];',
      '"phase make" -> "phase merge" [label="models@1"];',
      '"result" [shape=note, label="model@1"];',
      '"phase merge" -> "result";',
      'subgraph "cluster_merge" {',
      'label="merge";',
      'node [shape=plain];',
      '"merge ties" [label="ties"];',
      '"merge lin\\\\ear" [label="lin\\\\ear"];',
      '}',
      'subgraph "cluster_sink" {',
      'label="sink";',
      'node [shape=plain];',
      '"sink jsonl" [label="jsonl"];',
      '}',
      '}',
      '',
    ]);
  });

  test('an empty pipeline is a graph without nodes', () =>
    expect(pipelineDot({ phases: [], plugins: [] })).toMatch(/^digraph pipeline \{\n[^>]*\}\n$/));

  test('a phase that checks its input by another schema says so', () =>
    expect(
      pipelineDot({ phases: [phase('a', null, 'x@1'), phase('b', 'y@1', null)], plugins: [] }),
    ).toContain('[label="x@1\\nchecked as y@1"]'));
});
