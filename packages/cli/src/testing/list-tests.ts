import { readdir } from 'node:fs/promises';
import { CliError } from '../frame/errors.js';

/** More files beside one definition are a mistake. */
const MAX_FILES = 500;

/** True for the name of a file that holds tests. */
export function isTestFile(path: string): boolean {
  return /\.test\.(?:toml|ya?ml)$/i.test(path);
}

/** Names of the test files in a folder, sorted. @throws CliError `test.too_many` */
export async function listTestFiles(dir: string): Promise<readonly string[]> {
  const names = (await readdir(dir)).filter(isTestFile).sort();
  if (names.length <= MAX_FILES) return names;
  throw new CliError('test.too_many', `${dir} has more than ${MAX_FILES} test files`, {
    hint: 'name one of them',
  });
}
