import { join } from 'node:path';
import type { RunSource } from '@sheaf/engine';
import { printable } from '../terminal/escape.js';
import { shellWord } from '../terminal/shell.js';
import { locateOverlays, type Overlaying } from '../workflow/overlays.js';
import { NAMES, type ValidSource } from '../workflow/source.js';

/** A run of one's own folder. */
export type LocalOrigin = Extract<RunSource, { readonly kind: 'local' }>;

/**
 * Where a run of one's own comes from, with what is laid over the definition, so that a rerun reads it as this one did.
 *
 * @throws CliError `file.not_found`
 */
export function originOf(
  { dir, definitionPath }: Pick<ValidSource, 'dir' | 'definitionPath'>,
  overlaying: Overlaying | undefined,
  cwd: string,
): LocalOrigin {
  return {
    kind: 'local',
    path: dir,
    ...(NAMES.includes(definitionPath) ? {} : { definition: definitionPath }),
    ...(overlaying === undefined ? {} : { overlays: locateOverlays(overlaying, { dir, cwd }) }),
  };
}

/** The definition of an earlier run, as it is named on the command line. */
export function definitionOf({ path, definition }: LocalOrigin): string {
  return definition === undefined ? path : join(path, definition);
}

/** What an earlier run had laid over its definition, and over that what is laid over it now. Undefined without any. */
export function overlaysOf(
  { overlays: earlier }: LocalOrigin,
  now: Overlaying | undefined,
): Overlaying | undefined {
  if (earlier === undefined || now === undefined) return earlier ?? now;
  return {
    files: [...earlier.files, ...now.files],
    settings: [...earlier.settings, ...now.settings],
  };
}

/** As it would be typed. */
export function describeOverlays({ files, settings }: Overlaying): string {
  return printable(
    [
      ...files.map((file) => `--overlay ${shellWord(file)}`),
      ...settings.map((setting) => `--set ${shellWord(setting)}`),
    ].join(' '),
  );
}
