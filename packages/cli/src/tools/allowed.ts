import { join } from 'node:path';
import type { PluginFile } from '@sheaf/engine';
import { readPrivateFile, writePrivateFile } from '../config/private-files.js';
import { CliError } from '../frame/errors.js';
import type { Context } from '../frame/context.js';

const MAX_BYTES = 1 << 20;
const DIGEST = /^sha256:[0-9a-f]{64}$/;

function fileOf(context: Context): string {
  return join(context.paths.config(), 'plugins.json');
}

/** Digests of the plugins that this user lets run in the engine, by their paths. @throws CliError `plugins.invalid` */
export async function readAllowed(context: Context): Promise<ReadonlyMap<string, string>> {
  const text = await readPrivateFile(fileOf(context), MAX_BYTES, (line) => {
    context.ui.warn(line);
  });
  if (text === undefined) return new Map();
  const allowed = parseAllowed(text);
  if (allowed !== undefined) return allowed;
  throw new CliError('plugins.invalid', `${fileOf(context)} cannot be read`, {
    hint: 'remove it, and allow again what you need',
  });
}

/** Lets a plugin run as it stands now. */
export async function allowPlugin(context: Context, { path, digest }: PluginFile): Promise<void> {
  const allowed = new Map(await readAllowed(context)).set(path, digest);
  await writePrivateFile(fileOf(context), `${JSON.stringify(Object.fromEntries(allowed), undefined, 2)}\n`);
}

function parseAllowed(text: string): ReadonlyMap<string, string> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
    const entries = Object.entries(value as Readonly<Record<string, unknown>>);
    const sound = entries.filter(
      (entry): entry is [string, string] => typeof entry[1] === 'string' && DIGEST.test(entry[1]),
    );
    return sound.length === entries.length ? new Map(sound) : undefined;
  } catch {
    return undefined;
  }
}
