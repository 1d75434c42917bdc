import { toStages, type GraphStep } from '../run/stages.js';
import { printable } from '../terminal/escape.js';
import { labelOf, type Graph } from './graph.js';

/** A box with its place in the one around it, in units of SVG. */
interface Box {
  readonly step: GraphStep;
  readonly width: number;
  readonly height: number;
  readonly inner: Laid | undefined;
  x: number;
  y: number;
}

/** Boxes beside each other, and the room they take. */
interface Laid {
  readonly boxes: readonly Box[];
  readonly width: number;
  readonly height: number;
}

const CHARACTER = 7.3;
const LINE = 30;
const GAP_X = 44;
const GAP_Y = 14;
const PADDING = 14;
const TITLE = 24;
const MAX_LABEL = 60;

/** Colours follow the reader's choice of light or dark; nothing is loaded, and there is no script. */
const CSS =
  'text{font:12px ui-monospace,monospace;fill:#1f2328}rect{fill:#fff;stroke:#8c959f}.block{fill:#f6f8fa;stroke-dasharray:4 3}' +
  '.when{stroke:#9a6700}path{fill:none;stroke:#57606a}marker path{fill:#57606a}' +
  '@media(prefers-color-scheme:dark){text{fill:#e6edf3}rect{fill:#161b22;stroke:#6e7681}.block{fill:#0d1117}path{stroke:#8b949e}marker path{fill:#8b949e}}';

/** A drawing of the steps from left to right: boxes in boxes for blocks and loops, arrows from what is waited for. */
export function renderSvg({ workflow, steps, catch: after }: Graph): string {
  const all: readonly GraphStep[] =
    after.length === 0 ? steps : [...steps, { id: 'catch', needs: [], mayFail: false, steps: after }];
  const laid = layOut(all);
  const [width, height] = [laid.width + 2 * PADDING, laid.height + 2 * PADDING].map(Math.ceil);
  const title = escape(`${workflow.id} ${workflow.version}`);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-labelledby="t d">`,
    `<title id="t">${title}</title>`,
    `<desc id="d">${escape(all.map(describe).join('; '))}</desc>`,
    `<style>${CSS}</style>`,
    '<defs><marker id="a" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="7" markerHeight="7" orient="auto"><path d="M0 0 8 4 0 8z"/></marker></defs>',
    ...draw(laid, PADDING, PADDING),
    '</svg>',
  ].join('\n');
}

/** What a screen reader says of a step. */
function describe({ id, needs }: GraphStep): string {
  return needs.length === 0 ? id : `${id} after ${needs.join(', ')}`;
}

/** Each stage is a column, as wide as its widest step; the steps of one stand below each other. */
function layOut(steps: readonly GraphStep[]): Laid {
  const boxes: Box[] = [];
  let x = 0;
  let height = 0;
  for (const stage of toStages(steps)) {
    let y = 0;
    let widest = 0;
    for (const step of stage) {
      const box = measure(step);
      box.x = x;
      box.y = y;
      boxes.push(box);
      y += box.height + GAP_Y;
      widest = Math.max(widest, box.width);
    }
    height = Math.max(height, y - GAP_Y);
    x += widest + GAP_X;
  }
  return { boxes, width: Math.max(0, x - GAP_X), height };
}

function measure(step: GraphStep): Box {
  const text = shown(step).length * CHARACTER + 2 * PADDING;
  if (step.steps === undefined) return { step, width: text, height: LINE, inner: undefined, x: 0, y: 0 };
  const inner = layOut(step.steps);
  const width = Math.max(text, inner.width + 2 * PADDING);
  return { step, width, height: inner.height + TITLE + PADDING + 6, inner, x: 0, y: 0 };
}

function draw({ boxes }: Laid, left: number, top: number): readonly string[] {
  const byId = new Map(boxes.map((box) => [box.step.id, box]));
  return boxes.flatMap((box) => {
    const [x, y] = [left + box.x, top + box.y];
    const isBlock = box.inner !== undefined;
    const classes = [...(isBlock ? ['block'] : []), ...(box.step.when === undefined ? [] : ['when'])].join(
      ' ',
    );
    return [
      ...box.step.needs.flatMap((need) => {
        const from = byId.get(need);
        return from === undefined ? [] : [drawArrow(from, box, left, top)];
      }),
      `<rect x="${n(x)}" y="${n(y)}" width="${n(box.width)}" height="${n(box.height)}" rx="6"${classes === '' ? '' : ` class="${classes}"`}/>`,
      `<text x="${n(x + PADDING)}" y="${n(y + (isBlock ? 18 : 19))}">${escape(shown(box.step))}</text>`,
      ...(box.inner === undefined ? [] : draw(box.inner, x + PADDING, y + TITLE + 6)),
    ];
  });
}

function drawArrow(from: Box, to: Box, left: number, top: number): string {
  const [x1, y1] = [left + from.x + from.width, top + from.y + from.height / 2];
  const [x2, y2] = [left + to.x, top + to.y + to.height / 2];
  const middle = (x1 + x2) / 2;
  return `<path d="M${n(x1)} ${n(y1)}C${n(middle)} ${n(y1)} ${n(middle)} ${n(y2)} ${n(x2)} ${n(y2)}" marker-end="url(#a)"/>`;
}

function shown(step: GraphStep): string {
  return printable(labelOf(step)).slice(0, MAX_LABEL);
}

/** At most one digit behind the point: the file is read by people too. */
function n(value: number): string {
  return String(Math.round(value * 10) / 10);
}

function escape(text: string): string {
  return printable(text).replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
