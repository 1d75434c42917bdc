import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { encodeEnvelope, parseEnvelope, type Envelope, type KeyEvent } from '@sheaf/bundle';
import { readKeyEvent } from '@sheaf/client';
import { replaceFile } from '../config/replace-file.js';
import type { Context } from '../frame/context.js';
import { CliError } from '../frame/errors.js';
import { readWithin } from '../workflow/source.js';

const MAX_BYTES = 64 * 1024;

/** A signed key event on its way from one signer to the next. */
export interface EventFile {
  readonly path: string;
  readonly envelope: Envelope;
  readonly event: KeyEvent;
}

/** @throws CliError `file.…`, `key.event_too_large`; BundleError `envelope.…`, `key.event_invalid` */
export async function readEventFile(context: Pick<Context, 'cwd'>, name: string): Promise<EventFile> {
  const path = resolve(context.cwd, name);
  const envelope = parseEnvelope(await readWithin(path, MAX_BYTES, 'key.event_too_large'));
  return { path, envelope, event: readKeyEvent(envelope) };
}

/** Writes a file that must not be there yet. @throws CliError `file.exists` */
export async function createEventFile(
  context: Pick<Context, 'cwd'>,
  name: string,
  envelope: Envelope,
): Promise<string> {
  const path = resolve(context.cwd, name);
  try {
    await writeFile(path, encodeEnvelope(envelope), { flag: 'wx' });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    throw new CliError('file.exists', `${path} exists already`, {
      hint: `to add a signature to it: sheaf key sign ${name} --key NAME`,
      cause: error,
    });
  }
  return path;
}

/** Puts more signatures in the place of the ones there, all or nothing. */
export async function replaceEventFile(path: string, envelope: Envelope): Promise<void> {
  await replaceFile(path, encodeEnvelope(envelope));
}
