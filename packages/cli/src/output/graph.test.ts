import { describe, expect, it } from 'vitest';
import { PLAIN } from '../terminal/style.js';
import { renderDot, renderMermaid, renderStages } from './graph.js';

const GRAPH = {
  workflow: { id: 'acme/x', version: '1.0.0' },
  steps: [
    { id: 'log', needs: [], mayFail: false },
    { id: 'lint', needs: [], mayFail: true },
    { id: 'end', needs: ['log', 'lint'], when: '${{ steps.log.outputs.stdout != "" }}', mayFail: false },
  ],
};

describe('a graph', () => {
  it('is a flowchart of Mermaid whose nodes are none of its words', () => {
    expect(renderMermaid(GRAPH).split('\n')).toEqual([
      'flowchart LR',
      '  s0["log"]',
      '  s1["lint"]',
      '  s2{{"end"}}',
      '  s0 --> s2',
      '  s1 --> s2',
    ]);
  });

  it('is a digraph of Graphviz', () => {
    expect(renderDot(GRAPH)).toContain('  "lint" -> "end";\n');
    expect(renderDot({ ...GRAPH, workflow: { id: 'a"\\', version: '1' } })).toContain(
      'digraph "a\\"\\\\ 1" {',
    );
  });

  it('is told by stages on a terminal, and in a pipe a line a step', () => {
    expect(renderStages(GRAPH, { columns: 80, style: PLAIN }).split('\n')).toEqual([
      'acme/x 1.0.0 · 3 steps in 2 stages',
      'STAGE  STEP  AFTER      ONLY',
      '1      log',
      '       lint             may fail',
      '2      end   log, lint  when ${{ steps.log.outputs.stdout != "" }}',
    ]);
    expect(renderStages(GRAPH, { columns: undefined, style: PLAIN }).split('\n')[1]).toBe(
      '1\tlint\t\tmay fail',
    );
  });
});
