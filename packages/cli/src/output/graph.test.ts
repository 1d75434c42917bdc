import { describe, expect, it } from 'vitest';
import { PLAIN } from '../terminal/style.js';
import type { GraphStep } from '../run/stages.js';
import { renderSvg } from './graph-svg.js';
import { renderDot, renderMermaid, renderStages } from './graph.js';

const GRAPH = {
  workflow: { id: 'acme/x', version: '1.0.0' },
  steps: [
    { id: 'log', needs: [], mayFail: false },
    { id: 'lint', needs: [], mayFail: true },
    { id: 'end', needs: ['log', 'lint'], when: '${{ steps.log.outputs.stdout != "" }}', mayFail: false },
  ],
  catch: [],
};

const NESTED = {
  workflow: { id: 'acme/x', version: '1.0.0' },
  steps: [
    {
      id: 'checks',
      needs: [],
      mayFail: false,
      steps: [
        { id: 'lint', needs: [], mayFail: false },
        { id: 'test', needs: ['lint'], mayFail: false },
      ],
    },
    { id: 'tell', needs: ['checks'], mayFail: false, each: 'channel', uses: 'acme/notify' },
  ],
  catch: [{ id: 'cleanup', needs: [], mayFail: false }],
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

  it('has blocks, loops and what runs after a failure as boxes in Mermaid', () => {
    expect(renderMermaid(NESTED).split('\n')).toEqual([
      'flowchart LR',
      '  subgraph s0["checks"]',
      '    s0_0["lint"]',
      '    s0_1["test"]',
      '  end',
      '  s1["tell · acme/notify · for each channel"]',
      '  subgraph c["catch"]',
      '    c0["cleanup"]',
      '  end',
      '  s0_0 --> s0_1',
      '  s0 --> s1',
    ]);
  });

  it('has them as clusters in Graphviz, with edges that end at their borders', () => {
    expect(renderDot(NESTED)).toContain(
      '  subgraph "cluster_checks" {\n    label="checks";\n    "checks.lint"',
    );
    expect(renderDot(NESTED)).toContain('  "checks.lint" -> "tell" [ltail="cluster_checks"];\n');
  });

  it('has them below their stage as text', () => {
    expect(renderStages(NESTED, { columns: undefined, style: PLAIN }).split('\n')).toEqual([
      '1\tchecks\t\t',
      '1.1\tchecks.lint\t\t',
      '1.2\tchecks.test\tlint\t',
      '2\ttell\tchecks\tuses acme/notify · for each channel',
      'catch.1\tcatch.cleanup\t\t',
    ]);
  });

  it('is an SVG in which a condition is a text too, and what is long is cut with a sign', () => {
    const hostile: GraphStep = {
      id: `${'x'.repeat(70)}<script>`,
      needs: [],
      mayFail: false,
      when: '</title><script>alert(1)</script>',
    };
    const svg = renderSvg({ workflow: { id: 'a/b', version: '1' }, steps: [hostile], catch: [] });
    expect(svg).not.toContain('<script>');
    expect(svg).toContain('<title>when &lt;/title&gt;&lt;script&gt;alert(1)');
    expect(svg).toContain(`${'x'.repeat(59)}…</text>`);
    expect(svg).toContain('&lt;script&gt; on a condition</desc>');
  });

  it('is an SVG whose boxes lie in each other, and whose texts are none of its marks', () => {
    const svg = renderSvg({ ...NESTED, workflow: { id: 'a/<b>&', version: '1' } });
    expect(svg).toContain('<title id="t">a/&lt;b&gt;&amp; 1</title>');
    expect(svg).toContain('tell after checks');
    const rects = [...svg.matchAll(/<rect x="([\d.]+)" y="([\d.]+)" width="([\d.]+)" height="([\d.]+)"/g)];
    const [outer, lint] = rects.map((match) => match.slice(1).map(Number));
    const [x = 0, y = 0, width = 0, height = 0] = outer ?? [];
    const [left = 0, top = 0, wide = 0, high = 0] = lint ?? [];
    expect(left).toBeGreaterThan(x);
    expect(top).toBeGreaterThan(y);
    expect(left + wide).toBeLessThan(x + width);
    expect(top + high).toBeLessThan(y + height);
    expect(rects).toHaveLength(6);
    // An arrow in the block, and one behind it.
    expect(svg.match(/marker-end/g)).toHaveLength(2);
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
