import type { Style } from '../terminal/style.js';
import { hangText } from '../terminal/text.js';

/** A label, and what stands beside it: a text that is broken where it must be, or lines that are not. */
export type Fact = readonly [label: string, text: string | readonly string[]];

const LABEL_COLUMNS = 11;

/** What is left of a line beside the labels. */
export function factColumns(columns: number | undefined): number | undefined {
  return columns === undefined ? undefined : Math.max(20, columns - LABEL_COLUMNS);
}

/** A line a fact, its text beside its label; of a list, a line each. */
export function renderFacts(
  facts: readonly Fact[],
  columns: number | undefined,
  style: Style,
): readonly string[] {
  return facts.flatMap(([label, text]) => {
    const [first = '', ...more] = typeof text === 'string' ? [text] : text;
    const before = style.dim(label.padEnd(LABEL_COLUMNS));
    if (typeof text === 'string') return hangText(before, first, columns);
    return [`${before}${first}`, ...more.map((line) => `${' '.repeat(LABEL_COLUMNS)}${line}`)];
  });
}
