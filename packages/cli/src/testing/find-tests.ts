import { stat } from 'node:fs/promises';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { readTests, type PlanOptions, type ReadTests } from '@sheaf/workflow';
import { CliError } from '../frame/errors.js';
import { isTestFile, listTestFiles } from './list-tests.js';
import { assertValid, readSource, readSources, readWithin, type ValidSource } from '../workflow/source.js';

/** Longest test file, in bytes. */
const MAX_BYTES = 4_194_304;

/** A test file, read and checked against the workflow beside it. */
export interface TestFile extends ReadTests {
  /** As it is shown: relative to the caller's folder where that is shorter. */
  readonly shownFile: string;
  readonly text: string;
  readonly source: ValidSource;
}

/**
 * The test files that paths stand for: themselves, those beside a definition, or those beside all definitions below a folder.
 *
 * @throws CliError `definition.invalid`, as `readSources`; `test.too_large`, `test.too_many`
 */
export async function findTests(paths: readonly string[], cwd: string): Promise<readonly TestFile[]> {
  const found = new Map<string, TestFile>();
  for (const path of paths.length === 0 ? ['.'] : paths) {
    for (const file of isTestFile(path) ? [await readOne(path, cwd)] : await readBeside(path, cwd)) {
      found.set(file.shownFile, file);
    }
  }
  return [...found.values()];
}

async function readOne(path: string, cwd: string): Promise<TestFile> {
  const file = resolve(cwd, path);
  if ((await stat(file).catch(() => undefined)) === undefined) {
    throw new CliError('file.not_found', `${path}: there is no such file or folder`, {
      hint: 'check the path',
    });
  }
  const source = await readSource(dirname(file), cwd);
  assertValid(source);
  return readFile(file, source, cwd);
}

async function readBeside(path: string, cwd: string): Promise<readonly TestFile[]> {
  const files: TestFile[] = [];
  for (const source of await readSources(path, cwd)) {
    if (source.definition === undefined && (await listTestFiles(source.dir)).length === 0) continue;
    assertValid(source);
    files.push(...(await readTestsBeside(source, cwd)));
  }
  return files;
}

/** The test files in the folder of a definition. */
export async function readTestsBeside(source: ValidSource, cwd: string): Promise<readonly TestFile[]> {
  const names = await listTestFiles(source.dir);
  return Promise.all(names.map((name) => readFile(join(source.dir, name), source, cwd)));
}

async function readFile(file: string, source: ValidSource, cwd: string): Promise<TestFile> {
  const fromCwd = relative(cwd, file);
  const shownFile = fromCwd === '' || fromCwd.startsWith('..') ? file : fromCwd;
  const bytes = await readWithin(file, MAX_BYTES, 'test.too_large');
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (error) {
    throw new CliError('test.invalid', `${basename(file)} is not valid utf-8`, {
      hint: 'save it as utf-8',
      cause: error,
    });
  }
  const read = readTests({ text, file: shownFile }, source.definition, surroundingsOf(source));
  return { ...read, shownFile, text, source };
}

/** What the definition of a test may use. Of the workflows that it uses, the test says what they give. */
export function surroundingsOf({ catalogue }: ValidSource): PlanOptions {
  return catalogue === undefined ? {} : { catalogue };
}
