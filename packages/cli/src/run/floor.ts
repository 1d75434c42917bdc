/** What a step wrote that could not be shown yet. */
interface Waiting {
  readonly lines: string[];
  /** Where the lines that are kept begin; those before it are dropped, and cut off many at a time. */
  first: number;
  /** Of the lines that are kept, each with its end. */
  sizeBytes: number;
  dropped: number;
  /** The line that says how it ended; set when it has. */
  end: string | undefined;
}

/** Of a step that has to wait, so much is kept: the end of what it wrote. */
const MAX_WAITING_BYTES = 1024 * 1024;

/** What a log that folds is told. */
export interface FloorSink {
  readonly open: (step: string) => void;
  readonly line: (step: string, line: string) => void;
  readonly dropped: (step: string, lines: number) => void;
  readonly close: (step: string) => void;
  /** Outside of any fold: how a step ended. */
  readonly end: (line: string) => void;
}

/** Puts the output of steps that run at the same time one behind the other. */
export interface Floor {
  readonly begin: (step: string) => void;
  readonly line: (step: string, line: string) => void;
  readonly end: (step: string, line: string) => void;
  readonly close: () => void;
}

/**
 * One step has the floor and is shown as it goes; the others wait. When it ends, those that ended meanwhile are shown, and
 * then the one that has waited longest gets the floor.
 */
export function createFloor(sink: FloorSink): Floor {
  const steps = new Map<string, Waiting>();
  let speaker: string | undefined;

  const show = (step: string, waiting: Waiting): void => {
    sink.open(step);
    if (waiting.dropped > 0) sink.dropped(step, waiting.dropped);
    for (const line of waiting.lines.splice(0).slice(waiting.first)) sink.line(step, line);
    waiting.first = 0;
  };
  const next = (): void => {
    for (const [step, waiting] of steps) {
      if (waiting.end === undefined) continue;
      show(step, waiting);
      finish(step, waiting.end);
    }
    const [first] = steps;
    speaker = first?.[0];
    if (first !== undefined) show(...first);
  };
  const finish = (step: string, line: string): void => {
    sink.close(step);
    sink.end(line);
    steps.delete(step);
  };
  return {
    begin: (step) => {
      const waiting: Waiting = { lines: [], first: 0, sizeBytes: 0, dropped: 0, end: undefined };
      steps.set(step, waiting);
      if (speaker !== undefined) return;
      speaker = step;
      sink.open(step);
    },
    line: (step, line) => {
      if (step === speaker) sink.line(step, line);
      else keep(steps.get(step), line);
    },
    end: (step, line) => {
      const waiting = steps.get(step);
      if (waiting === undefined) sink.end(line);
      else if (step === speaker) {
        finish(step, line);
        next();
      } else waiting.end = line;
    },
    close: () => {
      if (speaker !== undefined) sink.close(speaker);
      for (const [step, waiting] of steps) {
        if (step === speaker) continue;
        show(step, waiting);
        sink.close(step);
        if (waiting.end !== undefined) sink.end(waiting.end);
      }
      steps.clear();
      speaker = undefined;
    },
  };
}

function keep(waiting: Waiting | undefined, line: string): void {
  if (waiting === undefined) return;
  const { lines } = waiting;
  lines.push(line);
  waiting.sizeBytes += line.length + 1;
  while (waiting.sizeBytes > MAX_WAITING_BYTES) {
    waiting.sizeBytes -= (lines[waiting.first++]?.length ?? 0) + 1;
    waiting.dropped++;
  }
  // To cut off one line costs as much as to cut off half of them.
  if (waiting.first > lines.length / 2) {
    lines.splice(0, waiting.first);
    waiting.first = 0;
  }
}
