import type { GraphStep } from '../run/stages.js';
import { printable } from '../terminal/escape.js';
import { widthOf } from '../terminal/text.js';
import { labelOf, type Graph } from './graph.js';
import { layOut, type Arrow, type Box, type Laid } from './graph-layout.js';

const CHARACTER = 7.3;
const LINE = 30;
const PADDING = 14;
const TITLE = 24;
const MAX_LABEL = 60;

/** Colours follow the reader's choice of light or dark; nothing is loaded, and there is no script. */
const CSS =
  'svg{color-scheme:light dark}text{font:12px ui-monospace,monospace;fill:#1f2328}rect{fill:#fff;stroke:#6e7781}.block{fill:#f6f8fa;stroke-dasharray:4 3}' +
  '.when{stroke:#9a6700}path{fill:none;stroke:#57606a}marker path{fill:#57606a}' +
  '@media(prefers-color-scheme:dark){text{fill:#e6edf3}rect{fill:#161b22;stroke:#848d97}.block{fill:#0d1117}.when{stroke:#d29922}path{stroke:#8b949e}marker path{fill:#8b949e}}';

/** A drawing of the steps from left to right: boxes in boxes for blocks and loops, arrows from what is waited for. */
export function renderSvg({ workflow, steps, catch: after }: Graph): string {
  const rows = [steps, after.length === 0 ? [] : [{ id: 'catch', needs: [], mayFail: false, steps: after }]]
    .filter((row) => row.length > 0)
    .map((row) => layOut(row, measure));
  const width = Math.ceil(Math.max(0, ...rows.map((row) => row.width)) + 2 * PADDING);
  const height = Math.ceil(rows.reduce((sum, row) => sum + row.height + PADDING, PADDING));
  const title = escape(`${workflow.id} ${workflow.version}`);
  const drawn: string[] = [];
  let top = PADDING;
  for (const row of rows) {
    drawn.push(...draw(row, PADDING, top));
    top += row.height + PADDING;
  }
  const told = [...steps.map(describe), ...after.map(({ id }) => `${id} when a step failed`)];
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-labelledby="t d">`,
    `<title id="t">${title}</title>`,
    `<desc id="d">${escape(told.join('; '))}</desc>`,
    `<style>${CSS}</style>`,
    '<defs><marker id="a" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="7" markerHeight="7" orient="auto"><path d="M0 0 8 4 0 8z"/></marker></defs>',
    ...drawn,
    '</svg>',
  ].join('\n');
}

/** What a screen reader says of a step, and of those in it. */
function describe({ id, needs, when, steps }: GraphStep): string {
  const parts = [
    ...(needs.length === 0 ? [] : [`after ${needs.join(', ')}`]),
    ...(when === undefined ? [] : ['on a condition']),
    ...(steps === undefined ? [] : [`with ${steps.map(describe).join(', ')}`]),
  ];
  return [id, ...parts].join(' ');
}

function measure(step: GraphStep): Omit<Box, 'x' | 'y'> {
  const text = widthOf(shown(step)) * CHARACTER + 2 * PADDING;
  if (step.steps === undefined) return { step, width: text, height: LINE, inner: undefined };
  const inner = layOut(step.steps, measure);
  const width = Math.max(text, inner.width + 2 * PADDING);
  return { step, width, height: inner.height + TITLE + PADDING + 6, inner };
}

/** Arrows lie under boxes. */
function draw({ boxes, arrows }: Laid, left: number, top: number): readonly string[] {
  return [
    ...arrows.map((arrow) => drawArrow(arrow, left, top)),
    ...boxes.flatMap((box) => drawBox(box, left + box.x, top + box.y)),
  ];
}

function drawBox({ step, width, height, inner }: Box, x: number, y: number): readonly string[] {
  const { when } = step;
  const names = [...(inner === undefined ? [] : ['block']), ...(when === undefined ? [] : ['when'])];
  const attributes = names.length === 0 ? '' : ` class="${names.join(' ')}"`;
  const rect = `<rect x="${n(x)}" y="${n(y)}" width="${n(width)}" height="${n(height)}" rx="6"${attributes}`;
  return [
    when === undefined ? `${rect}/>` : `${rect}><title>${escape(`when ${when}`)}</title></rect>`,
    `<text x="${n(x + PADDING)}" y="${n(y + (inner === undefined ? 19 : 18))}">${escape(shown(step))}</text>`,
    ...(inner === undefined ? [] : draw(inner, x + PADDING, y + TITLE + 6)),
  ];
}

function drawArrow({ from, to, bendsAt, lane }: Arrow, left: number, top: number): string {
  const at = (x: number, y: number): string => `${n(left + x)} ${n(top + y)}`;
  const bend = (x1: number, y1: number, x2: number, y2: number): string => {
    const middle = (x1 + x2) / 2;
    return `C${at(middle, y1)} ${at(middle, y2)} ${at(x2, y2)}`;
  };
  const start = `M${at(from.x, from.y)}${from.x < bendsAt ? `H${n(left + bendsAt)}` : ''}`;
  const way =
    lane === undefined
      ? bend(bendsAt, from.y, to.x, to.y)
      : `${bend(bendsAt, from.y, lane.from, lane.y)}H${n(left + lane.to)}${bend(lane.to, lane.y, to.x, to.y)}`;
  return `<path d="${start}${way}" marker-end="url(#a)"/>`;
}

function shown(step: GraphStep): string {
  const label = Array.from(printable(labelOf(step)));
  return label.length > MAX_LABEL ? `${label.slice(0, MAX_LABEL - 1).join('')}…` : label.join('');
}

/** At most one digit behind the point: the file is read by people too. */
function n(value: number): string {
  return String(Math.round(value * 10) / 10);
}

function escape(text: string): string {
  return printable(text).replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
