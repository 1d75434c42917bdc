import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { CliError } from '../frame/errors.js';

/** A file's text, of at most so many bytes. @throws CliError `file.too_large` */
export async function readCapped(path: string, maxBytes: number): Promise<string> {
  const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const { size } = await file.stat();
    if (size > maxBytes) {
      throw new CliError('file.too_large', `${path} has ${size} bytes, more than ${maxBytes}`, {
        hint: 'it is not a file that sheaf has written',
      });
    }
    return await file.readFile('utf8');
  } finally {
    await file.close();
  }
}
