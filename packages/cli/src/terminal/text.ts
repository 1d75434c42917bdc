/** `1.2 KiB`: a size as people read it. */
export function formatBytes(bytes: number): string {
  if (bytes < 1024) return `${bytes} B`;
  const units = ['KiB', 'MiB', 'GiB', 'TiB'];
  let value = bytes;
  let unit = '';
  for (const next of units) {
    if (value < 1024) break;
    value /= 1024;
    unit = next;
  }
  return `${value < 100 ? value.toFixed(1) : Math.round(value)} ${unit}`;
}

const SIZE_UNITS: Readonly<Record<string, number>> = { k: 1, m: 2, g: 3, t: 4 };

/** Bytes of a size such as `1000`, `64K`, `500M`, `1.5GiB`, in powers of 1024; undefined when it is none. */
export function findSizeBytes(text: string): number | undefined {
  const [, count, unit] = /^(\d{1,9}(?:\.\d{1,3})?)(?:([kmgt])(?:i?b)?|b)?$/i.exec(text) ?? [];
  if (count === undefined) return undefined;
  const power = unit === undefined ? 0 : (SIZE_UNITS[unit.toLowerCase()] ?? 0);
  return Math.floor(Number(count) * 1024 ** power);
}

/** What files hold together, in bytes. */
export function sumSizes(files: readonly { readonly sizeBytes: number }[]): number {
  return files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
}

/** `30 s`, `1 min`, `2 h 30 min`: a limit, of which nothing but what was set is said. */
export function formatLimit(milliseconds: number): string {
  const tenths = Math.round(Math.max(0, milliseconds) / 100);
  const parts: readonly (readonly [count: number, unit: string])[] = [
    [Math.floor(tenths / 36_000), 'h'],
    [Math.floor(tenths / 600) % 60, 'min'],
    [(tenths % 600) / 10, 's'],
  ];
  const said = parts.filter(([count]) => count > 0).map(([count, unit]) => `${count} ${unit}`);
  return said.length === 0 ? '0 s' : said.join(' ');
}

/** `0.3 s`, `1 min 04 s`, `2 h 03 min`: a duration as people read it. */
export function formatDuration(milliseconds: number): string {
  const tenths = Math.round(Math.max(0, milliseconds) / 100);
  if (tenths < 600) return `${(tenths / 10).toFixed(1)} s`;
  const seconds = Math.floor(tenths / 10);
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min ${String(seconds % 60).padStart(2, '0')} s`;
  return `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, '0')} min`;
}

/** `2026-03-01`: the day of an RFC 3339 time. */
export function formatDay(time: string): string {
  return time.slice(0, 10);
}

/** `3 days ago`, from an RFC 3339 time; the text itself when it is none. */
export function formatAge(time: string, nowMs: number): string {
  const thenMs = Date.parse(time);
  if (Number.isNaN(thenMs)) return time;
  const seconds = Math.max(0, Math.round((nowMs - thenMs) / 1000));
  const steps: readonly (readonly [limit: number, size: number, name: string])[] = [
    [90, 1, 'second'],
    [90 * 60, 60, 'minute'],
    [36 * 3600, 3600, 'hour'],
    [60 * 86400, 86400, 'day'],
    [730 * 86400, 30.44 * 86400, 'month'],
  ];
  const [, size, name] = steps.find(([limit]) => seconds < limit) ?? [0, 365.25 * 86400, 'year'];
  const count = Math.floor(seconds / size);
  return `${plural(count, name)} ago`;
}

/** `1 file`, `2 files`, `2,000 files`. */
export function plural(count: number, noun: string, many = `${noun}s`): string {
  return `${groupDigits(count)} ${count === 1 ? noun : many}`;
}

/** `12,345`. Not by Node's own formats: to load those takes 10 ms. */
export function groupDigits(count: number): string {
  return String(count).replace(/(?<=\d)(?=(?:\d{3})+$)/g, ',');
}

/** `9c1f…e07a`: enough of a digest or key id to recognise it. */
export function shortId(hex: string): string {
  return hex.length <= 12 ? hex : `${hex.slice(0, 4)}…${hex.slice(-4)}`;
}

/**
 * How many columns a text takes: wide East Asian characters and most emoji take two, combining marks and colours none.
 */
export function widthOf(text: string): number {
  const plain = withoutColour(text);
  if (PLAIN.test(plain)) return plain.length;
  let width = 0;
  for (const character of plain) {
    if (isMark(character)) continue;
    width += WIDE.test(character) ? 2 : 1;
  }
  return width;
}

/** A text without the colours that a style gave it. */
export function withoutColour(text: string): string {
  return text.includes(ESCAPE) ? text.replace(COLOUR, '') : text;
}

const ESCAPE = String.fromCharCode(0x1b);
const COLOUR = new RegExp(`${ESCAPE}\\[[0-9;]{0,32}m`, 'g');

const PLAIN = /^[ -~]*$/;
// Not made before it is needed: of each of these properties a table is made then.
const isMark = (character: string): boolean => /^[\p{Mn}\p{Me}\ufe0f]$/u.test(character);
const WIDE =
  /^[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{1f300}-\u{1faff}\u{20000}-\u{3fffd}]$/u;

/**
 * Cuts a text to so many columns, ending in `…` when something is left out. Its colours go with what is cut, because
 * the sequence that ends one may be among it.
 */
export function cutTo(text: string, columns: number): string {
  if (widthOf(text) <= columns) return text;
  let kept = '';
  let width = 0;
  for (const character of withoutColour(text)) {
    const next = width + widthOf(character);
    if (next > columns - 1) break;
    kept += character;
    width = next;
  }
  return `${kept.trimEnd()}…`;
}

/** Pads a text with spaces to so many columns. */
export function padTo(text: string, columns: number): string {
  return text + ' '.repeat(Math.max(0, columns - widthOf(text)));
}

/** Fewer columns than this are no column of text. */
const LEAST_COLUMNS = 24;
/** Before a text that stands below what it explains. */
const BELOW = '    ';

/**
 * A text behind what it explains, broken at its spaces into lines that hang under each other; below it, where there is
 * too little room beside. A word that is longer than a line stays whole, so that it can be copied: it stands further to
 * the left where it fits there. Where there is no width, the text stays one line.
 */
export function hangText(before: string, text: string, columns: number | undefined): readonly string[] {
  const indent = widthOf(before);
  if (columns === undefined || indent + widthOf(text) <= columns) return [before + text];
  const room = columns - indent;
  if (room < LEAST_COLUMNS && indent > BELOW.length)
    return [before.trimEnd(), ...hangText(BELOW, text, columns)];
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    if (last !== undefined && widthOf(last) + 1 + widthOf(word) <= room)
      lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines.flatMap((line, i) => {
    const isTooLong =
      widthOf(line) > room && BELOW.length < indent && BELOW.length + widthOf(line) <= columns;
    if (!isTooLong) return [(i === 0 ? before : ' '.repeat(indent)) + line];
    return [...(i === 0 ? [before.trimEnd()] : []), BELOW + line];
  });
}
