import { isAbsolute, join, resolve } from 'node:path';
import { existsSync } from 'node:fs';
import { readSetting, type SourceText } from '@sheaf/workflow';
import type { Flag, Input } from '../frame/args.js';
import { CliError } from '../frame/errors.js';

/** What is laid over a definition: files, then settings. */
export const OVERLAY_FLAGS: readonly Flag[] = [
  {
    name: 'overlay',
    value: 'NAME|FILE',
    repeat: true,
    rare: true,
    completes: 'file',
    summary: 'lay a file over the definition; a NAME is workflow.NAME.toml beside it',
  },
  {
    name: 'set',
    value: 'KEY=VALUE',
    repeat: true,
    rare: true,
    summary: 'set a key of the definition, as in steps.build.timeout=5m; null takes it away',
  },
];

/** What the flags say, or said for an earlier run; nothing is read yet. */
export interface Overlaying {
  /** Names or paths. */
  readonly files: readonly string[];
  /** Each `KEY=VALUE`, which {@link readOverlayFlags} has looked at. */
  readonly settings: readonly string[];
}

/**
 * Reads the flags. Undefined without any.
 *
 * @throws CliError `usage.setting`
 */
export function readOverlayFlags(input: Input): Overlaying | undefined {
  const files = input.all('overlay');
  const settings = input.all('set');
  if (files.length + settings.length === 0) return undefined;
  readSettings(settings);
  return { files, settings };
}

/** @throws CliError `usage.setting` */
function readSettings(words: readonly string[]): readonly SourceText[] {
  return words.map((word, at) => {
    const name = words.length === 1 ? '--set' : `--set (${at + 1} of ${words.length})`;
    const setting = readSetting(word, name);
    if (setting !== undefined) return setting;
    throw new CliError('usage.setting', `--set ${JSON.stringify(word)} is not KEY=VALUE`, {
      hint: '--set steps.build.timeout=5m',
    });
  });
}

/** What the flags say with the files by their absolute paths: what a later rerun lays over again. */
export function locateOverlays(
  { files, settings }: Overlaying,
  folders: { readonly dir: string; readonly cwd: string },
): Overlaying {
  return { files: files.map((word) => findOverlay(word, folders)), settings };
}

/**
 * Refuses to change what somebody signed.
 *
 * @throws CliError `usage.conflicting_flags`
 */
export function assertOwn(overlaying: Overlaying | undefined, word: string): void {
  if (overlaying === undefined) return;
  throw new CliError(
    'usage.conflicting_flags',
    `${word} is signed, and --overlay and --set would change it`,
    {
      hint: [`give it parameters: -p NAME=VALUE`, `or make it your own: sheaf fetch ${word} -o DIR`],
    },
  );
}

/**
 * The texts to lay over a definition in a folder. A name without a slash and an ending stands for `workflow.NAME.toml`, or `.yaml`, beside it.
 *
 * @param read reads a file of limited size
 * @throws CliError `file.not_found`; as `read`
 */
export async function readOverlays(
  { files, settings }: Overlaying,
  folders: { readonly dir: string; readonly cwd: string },
  read: (path: string) => Promise<string>,
): Promise<readonly SourceText[]> {
  const texts: SourceText[] = [];
  for (const word of files) {
    const path = findOverlay(word, folders);
    texts.push({ text: await read(path), file: isAbsolute(word) ? path : shownName(word, path) });
  }
  return [...texts, ...readSettings(settings)];
}

function shownName(word: string, path: string): string {
  return isName(word) ? path.slice(path.lastIndexOf('/') + 1) : word;
}

function isName(word: string): boolean {
  return /^[A-Za-z0-9_-]+$/.test(word);
}

function findOverlay(word: string, { dir, cwd }: { readonly dir: string; readonly cwd: string }): string {
  const candidates = isName(word)
    ? ['toml', 'yaml'].map((ending) => join(dir, `workflow.${word}.${ending}`))
    : [resolve(cwd, word)];
  const found = candidates.find((path) => existsSync(path));
  if (found !== undefined) return found;
  throw new CliError('file.not_found', `there is no overlay ${word}`, {
    hint: isName(word) ? `make workflow.${word}.toml beside the definition` : 'check the path',
  });
}
