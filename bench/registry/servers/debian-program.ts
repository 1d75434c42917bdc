import { execFile } from 'node:child_process';
import { access, constants } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { MissingPeer } from './server.js';

const INSTALL_TIMEOUT_MS = 180_000;
/** Not always in the PATH of an ordinary user. */
const FOLDERS = ['/usr/local/sbin', '/usr/sbin', '/sbin'];

/** The path of a program that a Debian package has, which is installed first where that can be done. @throws MissingPeer */
export async function needProgram(program: string, debianPackage: string): Promise<string> {
  const found = await findProgram(program);
  if (found !== undefined) return found;
  if (process.getuid?.() !== 0 || (await findProgram('apt-get')) === undefined)
    throw new MissingPeer(
      `${program} is not installed (Debian: ${debianPackage}), and apt-get as root is not here`,
    );
  try {
    await promisify(execFile)('apt-get', ['install', '-y', '--no-install-recommends', debianPackage], {
      timeout: INSTALL_TIMEOUT_MS,
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    });
  } catch (cause) {
    throw new MissingPeer(`apt-get could not install ${debianPackage}`, { cause });
  }
  const installed = await findProgram(program);
  if (installed === undefined) throw new MissingPeer(`${debianPackage} holds no ${program}`);
  return installed;
}

export async function findProgram(program: string): Promise<string | undefined> {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), ...FOLDERS];
  for (const folder of folders.filter((each) => each !== '')) {
    const path = join(folder, program);
    try {
      await access(path, constants.X_OK);
      return path;
    } catch {
      // Not in this one.
    }
  }
  return undefined;
}
