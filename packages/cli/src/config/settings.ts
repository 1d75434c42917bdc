import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CliError } from '../frame/errors.js';
import { writePrivateFile } from './private-files.js';

/** What `config.toml` may say. */
export interface Settings {
  /** URL of the registry to use when nothing else names one. */
  readonly registry?: string;
}

const MAX_BYTES = 64 * 1024;

/**
 * Reads `config.toml`; an absent one is empty.
 *
 * @throws CliError `config.invalid`
 */
export async function readSettings(configDir: string): Promise<Settings> {
  const path = join(configDir, 'config.toml');
  const text = await readOptional(path);
  if (text === undefined || text.trim() === '') return {};
  if (text.length > MAX_BYTES)
    throw new CliError('config.invalid', `${path} is larger than ${MAX_BYTES} bytes`);
  const { parse } = await import('smol-toml');
  let table: Record<string, unknown>;
  try {
    table = parse(text);
  } catch (error) {
    throw new CliError('config.invalid', `${path}: ${firstLine(error)}`, {
      hint: `correct ${path}`,
      cause: error,
    });
  }
  const unknown = Object.keys(table).find((key) => key !== 'registry');
  if (unknown !== undefined) {
    throw new CliError('config.invalid', `${path}: there is no setting called ${JSON.stringify(unknown)}`, {
      hint: 'known: registry',
    });
  }
  const registry = table['registry'];
  if (registry === undefined) return {};
  if (typeof registry !== 'string')
    throw new CliError('config.invalid', `${path}: registry must be a URL in quotes`);
  return { registry };
}

/** Writes the default registry into a `config.toml` that has none yet. */
export async function writeDefaultRegistry(configDir: string, url: string): Promise<void> {
  const path = join(configDir, 'config.toml');
  const earlier = (await readOptional(path)) ?? '';
  await writePrivateFile(path, `registry = ${JSON.stringify(url)}\n${earlier}`);
}

async function readOptional(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

function firstLine(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split('\n', 1)[0] ?? '';
}
