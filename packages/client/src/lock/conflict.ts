import { printable } from '@sheaf/workflow';
import { ClientError } from '../errors.js';

const START = /^<{7} /m;
const MARKER = /^(?:<{7} |>{7} |\|{7} |={7}$)/m;

/** @throws ClientError `lock.conflict` when a merge has left its markers */
export function assertNoConflict(text: string, file: string): void {
  const found = MARKER.exec(text);
  if (found === null) return;
  const line = text.slice(0, found.index).split('\n').length;
  if (splitConflict(text) === undefined) {
    throw new ClientError(
      'lock.conflict',
      `${printable(file, 1000)}:${line}:1: this marker of a merge has no other side`,
      {
        hint: `remove line ${line} if it stands alone, else restore the file from version control or write it anew: remove it and run sheaf lock`,
      },
    );
  }
  throw new ClientError(
    'lock.conflict',
    `${printable(file, 1000)}:${line}:1: a merge has left both sides in the file`,
    {
      hint: 'resolve sheaf.toml if need be, then run sheaf lock: it takes what both sides have locked, and verifies it',
    },
  );
}

/**
 * The two files that a merge has left in one, ours first; undefined when there is no conflict, or none that can be
 * told apart.
 */
export function splitConflict(text: string): readonly [ours: string, theirs: string] | undefined {
  if (!START.test(text)) return undefined;
  const sides: readonly [string[], string[]] = [[], []];
  let within: 'both' | 'ours' | 'base' | 'theirs' = 'both';
  for (const line of text.replaceAll('\r\n', '\n').split('\n')) {
    if (within === 'both' && line.startsWith('<<<<<<< ')) within = 'ours';
    else if (within === 'ours' && line.startsWith('||||||| ')) within = 'base';
    else if ((within === 'ours' || within === 'base') && line === '=======') within = 'theirs';
    else if (within === 'theirs' && line.startsWith('>>>>>>> ')) within = 'both';
    else {
      if (within === 'both' || within === 'ours') sides[0].push(line);
      if (within === 'both' || within === 'theirs') sides[1].push(line);
    }
  }
  return within === 'both' ? [sides[0].join('\n'), sides[1].join('\n')] : undefined;
}
