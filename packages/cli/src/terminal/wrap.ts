import { withoutColour, widthOf } from './text.js';

/** Fewer columns than this are no column of text. */
const LEAST_COLUMNS = 24;
const USUAL_HANG = 2;

/**
 * Talk broken to a terminal's width. Each line goes on under where its text began: behind its indentation, and behind a
 * label such as `help:`. Source lines and what a program wrote (behind `|`) stay as they are, and so do commands, which
 * must be there to copy as one piece: one that does not fit gets a line of its own.
 */
export function wrapTalk(text: string, columns: number | undefined): string {
  if (columns === undefined) return text;
  return text
    .split('\n')
    .flatMap((line) => (widthOf(line) <= columns ? [line] : wrapLine(line, columns)))
    .join('\n');
}

function wrapLine(line: string, columns: number): readonly string[] {
  const plain = withoutColour(line);
  if (/^\s*(?:\d+ )?[|│]/.test(plain)) return [line];
  const wanted = hangOf(plain);
  const hang = columns - wanted < LEAST_COLUMNS ? USUAL_HANG : wanted;
  const lines: string[] = [];
  let current = '';
  for (const { gap, piece } of piecesOf(line)) {
    const next = current + gap + piece;
    // Nothing is gained by a break right behind the label.
    if (gap === '' || widthOf(current) < hang || widthOf(next) <= columns) current = next;
    else {
      lines.push(current.trimEnd());
      current = ' '.repeat(hang) + piece;
    }
  }
  return [...lines, current];
}

/** Where the lines after the first begin. */
function hangOf(plain: string): number {
  const [indent = ''] = /^ */.exec(plain) ?? [];
  const [label = ''] =
    /^ *(?:(?:help|note|warning|reason|hint): |(?:ok|warn|fail|skip|FAIL) +|[a-z][a-z ]{0,11}? {2,}(?=\S))/.exec(
      plain,
    ) ?? [];
  if (label.length > 0) return label.length;
  return indent.length > 0 ? indent.length : USUAL_HANG;
}

/** The words of a line, each with the spaces before it; a command or a backquoted text is one of them. */
function piecesOf(line: string): readonly { readonly gap: string; readonly piece: string }[] {
  return [...line.matchAll(PIECE)].map(([, gap = '', piece = '']) => ({ gap, piece }));
}

/**
 * A command is known by the name of a program before another word, and goes on to a comma or semicolon before a space, a
 * bracket, or the end. Prose that is taken for one is merely not broken.
 */
const COMMAND = String.raw`(?:sheaf|npm|git|chmod|apt-get|export|curl) [a-z+-](?:[^,;()]|[,;](?! ))*`;
const PIECE = new RegExp(`( *)(${COMMAND}|\`[^\`]*\`\\S*|\\S+)`, 'g');
