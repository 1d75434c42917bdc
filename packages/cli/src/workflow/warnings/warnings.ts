import type { Bundle } from '@sheaf/bundle';
import type { ValidSource } from '../source.js';
import type { PackFinding } from './finding.js';
import { findIgnored } from './ignored.js';
import { findLeftOut } from './mentions.js';
import { findSecrets } from './secrets.js';

/** What people forget when they pack: secrets, files that git ignores, line ends, files that were left out. */
export async function findWarnings(
  source: ValidSource,
  bundle: Bundle,
  env: NodeJS.ProcessEnv,
): Promise<readonly PackFinding[]> {
  const [ignored, leftOut] = await Promise.all([
    findIgnored(source.dir, bundle.files, env),
    findLeftOut(source, bundle.files),
  ]);
  return [...findSecrets(bundle.files), ...ignored, ...findCarriageReturn(source), ...leftOut];
}

/** The definition is signed as it is: where line ends are converted, its digest is another one. */
export function findCarriageReturn({
  text,
  definitionPath,
}: Pick<ValidSource, 'text' | 'definitionPath'>): readonly PackFinding[] {
  const at = text.indexOf('\r');
  if (at === -1) return [];
  const before = text.slice(0, at);
  return [
    {
      severity: 'warning',
      code: 'pack.carriage_return',
      message: 'the definition has carriage returns, so another checkout of it may have another digest',
      hint: 'save it with line feeds alone, and keep it so: `workflow.* text eol=lf` in .gitattributes',
      file: definitionPath,
      line: before.split('\n').length,
      column: at - before.lastIndexOf('\n'),
    },
  ];
}
