import { toStages, type GraphStep } from '../run/stages.js';

/** A box with its place among those beside it, in units of SVG. */
export interface Box {
  readonly step: GraphStep;
  readonly width: number;
  readonly height: number;
  readonly inner: Laid | undefined;
  readonly x: number;
  readonly y: number;
}

/** A way from one box to another, past all others. */
export interface Arrow {
  readonly from: { readonly x: number; readonly y: number };
  readonly to: { readonly x: number; readonly y: number };
  /** Where the column of the first box ends. */
  readonly bendsAt: number;
  /** Below the boxes of the columns between. */
  readonly lane?: { readonly from: number; readonly to: number; readonly y: number } | undefined;
}

/** Boxes beside each other, and the room they take. */
export interface Laid {
  readonly boxes: readonly Box[];
  readonly arrows: readonly Arrow[];
  readonly width: number;
  readonly height: number;
}

/** How large a step is, with what it holds. */
export type Measure = (step: GraphStep) => Pick<Box, 'step' | 'width' | 'height' | 'inner'>;

const GAP_X = 44;
const GAP_Y = 14;
/** Between two arrows that go past the same boxes. */
const GAP_LANE = 10;
/** Of more steps each arrow is drawn, also one that others say already. */
const MAX_REDUCED = 500;

interface Column {
  readonly x: number;
  readonly right: number;
  /** Down to where it is taken. */
  height: number;
}

/** Each stage is a column, as wide as its widest step; the steps of one stand below each other. */
export function layOut(steps: readonly GraphStep[], measure: Measure): Laid {
  const boxes: Box[] = [];
  const columns: Column[] = [];
  const columnOf = new Map<string, number>();
  let x = 0;
  for (const [at, stage] of toStages(steps).entries()) {
    let y = 0;
    let widest = 0;
    for (const step of stage) {
      const box = { ...measure(step), x, y };
      boxes.push(box);
      columnOf.set(step.id, at);
      y += box.height + GAP_Y;
      widest = Math.max(widest, box.width);
    }
    columns.push({ x, right: x + widest, height: y - GAP_Y });
    x += widest + GAP_X;
  }
  const arrows = drawArrows(boxes, columns, columnOf);
  return {
    boxes,
    arrows,
    width: Math.max(0, x - GAP_X),
    height: Math.max(0, ...columns.map(({ height }) => height)),
  };
}

function drawArrows(
  boxes: readonly Box[],
  columns: readonly Column[],
  columnOf: ReadonlyMap<string, number>,
): readonly Arrow[] {
  const byId = new Map(boxes.map((box) => [box.step.id, box]));
  const needsOf = reduceNeeds(boxes.map(({ step }) => step));
  const lanes = new Map<string, number>();
  return boxes.flatMap((to) =>
    (needsOf.get(to.step.id) ?? []).flatMap((need) => {
      const from = byId.get(need);
      const [first = 0, last = 0] = [columnOf.get(need), columnOf.get(to.step.id)];
      const column = columns[first];
      if (from === undefined || column === undefined) return [];
      const between = columns.slice(first + 1, last);
      const [start] = between;
      const lane =
        start === undefined
          ? undefined
          : { from: start.x, to: between.at(-1)?.right ?? 0, y: takeLane(lanes, `${need} ${last}`, between) };
      return [
        {
          from: { x: from.x + from.width, y: from.y + from.height / 2 },
          to: { x: to.x, y: to.y + to.height / 2 },
          bendsAt: column.right,
          lane,
        },
      ];
    }),
  );
}

/** Those that go the same way share a lane. */
function takeLane(lanes: Map<string, number>, way: string, between: readonly Column[]): number {
  const known = lanes.get(way);
  if (known !== undefined) return known;
  const y = Math.max(...between.map(({ height }) => height)) + GAP_LANE;
  for (const column of between) column.height = y;
  lanes.set(way, y);
  return y;
}

/** What each step waits for, without what it waits for by way of others: their arrows say it. */
function reduceNeeds(steps: readonly GraphStep[]): ReadonlyMap<string, readonly string[]> {
  if (steps.length > MAX_REDUCED) return new Map(steps.map(({ id, needs }) => [id, needs]));
  const before = new Map<string, ReadonlySet<string>>();
  const reduced = new Map<string, readonly string[]>();
  for (const { id, needs } of steps) {
    const indirect = new Set(needs.flatMap((need) => [...(before.get(need) ?? [])]));
    reduced.set(
      id,
      needs.filter((need) => !indirect.has(need)),
    );
    before.set(id, new Set([...indirect, ...needs]));
  }
  return reduced;
}
