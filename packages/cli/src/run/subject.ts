import { existsSync } from 'node:fs';
import { extname, resolve } from 'node:path';
import { parseReference, type Reference } from '@sheaf/client';
import { CliError } from '../frame/errors.js';
import { asPath } from '../registry/session.js';

/** What `run` and `plan` are given: somebody's published workflow, or a folder of one's own. */
export type Subject =
  | { readonly kind: 'registry'; readonly reference: Reference }
  | { readonly kind: 'local'; readonly path: string };

/**
 * Tells a path from a reference. What begins with `.` or `/` is a path, and so is a file or folder that cannot be a
 * reference. A word that is both is refused, so that a folder in somebody's repository can never take the place of
 * the signed workflow of that name.
 *
 * @throws CliError `reference.ambiguous`; ClientError `reference.invalid`
 */
export function readSubject(
  word: string,
  cwd: string,
  exists: (path: string) => boolean = existsSync,
): Subject {
  const path = asPath(word, cwd);
  if (path !== undefined) return { kind: 'local', path: word };
  const isDefinition = ['.toml', '.yaml', '.yml'].includes(extname(word));
  if (isDefinition || exists(resolve(cwd, word))) {
    if (!isDefinition && isReference(word)) {
      throw new CliError(
        'reference.ambiguous',
        `${word} is a folder here and may be a published workflow as well`,
        {
          hint: [`the folder, unsigned: ./${word}`, `the published one, verified: ${word}@latest`],
        },
      );
    }
    return { kind: 'local', path: word };
  }
  return { kind: 'registry', reference: parseReference(word) };
}

function isReference(word: string): boolean {
  try {
    parseReference(word);
    return true;
  } catch {
    return false;
  }
}
