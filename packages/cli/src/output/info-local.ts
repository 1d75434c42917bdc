import type { Look, Rendered } from '../frame/command.js';
import type { InfoLocalJson } from '../json/info-local.js';
import { printable, printableLines } from '../terminal/escape.js';
import { shellWord } from '../terminal/shell.js';
import { hangText } from '../terminal/text.js';
import { renderFacts, type Fact } from './facts.js';
import { listContents, renderTitle } from './info-contents.js';

/** A definition of one's own, or one in a file that was carried here. */
export interface LocalInfo {
  readonly local: InfoLocalJson;
}

/** As `renderInfo`, with where it lies instead of who published it. */
export function renderLocalInfo({ local }: LocalInfo, { style, columns }: Look): Rendered {
  const { kind, path, description, readme } = local;
  if (readme !== undefined) return { answer: printableLines(readme.trimEnd()), paged: true };
  const word = printable(shellWord(path));
  const [where, next]: readonly [string, Fact] =
    kind === 'file'
      ? ['what the file claims, not verified', ['check', `sheaf verify ${word} --offline`]]
      : ['your working tree, unsigned', ['compare', `sheaf diff ${word}`]];
  const facts: readonly Fact[] = [
    ['from', `${printable(path)} (${where})`],
    ...listContents(local, columns),
    next,
  ];
  return {
    answer: [
      renderTitle(local, '', style),
      ...(description === undefined ? [] : hangText('', printable(description), columns)),
      ...renderFacts(facts, columns, style),
    ].join('\n'),
  };
}
