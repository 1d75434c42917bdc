import { appendFile, lstat, mkdir, readdir, rm } from 'node:fs/promises';
import { createHash } from 'node:crypto';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { compileGlob, WorkflowError } from '@sheaf/workflow';
import { allowedPath } from '../access.js';
import { ActionError } from '../action-error.js';
import type { ActionContext, ActionImplementation, ActionOutputs } from '../action.js';
import { fileError, hashFile, readTextFile, withFile, writeFileAtomically } from '../files.js';
import { isSet, textOf, type Inputs } from '../inputs.js';

/** More than anybody reads, and than an output may hold. */
const MAX_FILES = 10_000;
/** Folders that are not looked into. */
const SKIPPED = new Set(['.git', 'node_modules']);

/** `core.file`. */
export const run: ActionImplementation = async (inputs, context) => {
  const path = textOf(inputs, 'path') ?? '';
  const outputs = { path, content: '', size: 0, sha256: '', exists: true, files: [] };
  return { ...outputs, ...(await perform(textOf(inputs, 'operation') ?? '', path, inputs, context)) };
};

async function perform(
  operation: string,
  path: string,
  inputs: Inputs,
  context: ActionContext,
): Promise<ActionOutputs> {
  switch (operation) {
    case 'write':
    case 'append':
      return write(await allowedPath(context, path, 'write'), operation, inputs, context);
    case 'copy':
      return copy(await allowedPath(context, path, 'read'), inputs, context);
    case 'list':
      return list(path, context);
    case 'remove': {
      const target = await allowedPath(context, path, 'write');
      const exists = (await sizeOf(target)) !== undefined;
      await rm(target, { force: true }).catch((cause: unknown) => {
        throw fileError(cause, path);
      });
      return { exists };
    }
    case 'exists': {
      const size = await sizeOf(await allowedPath(context, path, 'read'));
      return { exists: size !== undefined, size: size ?? 0 };
    }
    default:
      return read(await allowedPath(context, path, 'read'), operation === 'read', inputs, context);
  }
}

async function read(
  path: string,
  withContent: boolean,
  inputs: Inputs,
  context: ActionContext,
): Promise<ActionOutputs> {
  const content = withContent ? await readTextFile(path) : '';
  const found = await hashFile(path, context.signal);
  checkHash(found.sha256, inputs, path);
  return { ...found, content };
}

async function write(
  path: string,
  operation: 'write' | 'append',
  inputs: Inputs,
  context: ActionContext,
): Promise<ActionOutputs> {
  const content = textOf(inputs, 'content');
  if (content === undefined) {
    throw new ActionError('action.input', `core.file needs content to ${operation}`, {
      hint: 'add content under with',
    });
  }
  if (operation === 'write') {
    await writeFileAtomically(path, { executable: isSet(inputs, 'executable') }, (file) =>
      file.writeFile(content),
    );
  } else {
    await append(path, content).catch((cause: unknown) => {
      throw fileError(cause, path);
    });
  }
  return { ...(await hashFile(path, context.signal)) };
}

async function append(path: string, content: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await appendFile(path, content);
}

async function copy(from: string, inputs: Inputs, context: ActionContext): Promise<ActionOutputs> {
  const to = textOf(inputs, 'to');
  if (to === undefined)
    throw new ActionError('action.input', 'core.file needs to to copy', { hint: 'add to under with' });
  const target = await allowedPath(context, to, 'write');
  let size = 0;
  const hash = createHash('sha256');
  await withFile(from, (source) =>
    writeFileAtomically(target, { executable: isSet(inputs, 'executable') }, async (file) => {
      for await (const chunk of source.createReadStream({ autoClose: false, signal: context.signal })) {
        const bytes = chunk as Uint8Array;
        hash.update(bytes);
        size += bytes.length;
        await file.writeFile(bytes);
      }
      // Before it is in its place: what does not match is never seen there.
      checkHash(hash.copy().digest('hex'), inputs, from);
    }),
  );
  return { path: to, size, sha256: hash.digest('hex') };
}

async function list(pattern: string, context: ActionContext): Promise<ActionOutputs> {
  const glob = compile(pattern);
  const first = pattern.split('/');
  const fixed = first
    .slice(
      0,
      Math.max(
        0,
        first.findIndex((part) => /[*?]/.test(part)),
      ),
    )
    .join('/');
  const top = await allowedPath(context, fixed === '' ? '.' : fixed, 'read');
  const cwd = await allowedPath(context, '.', 'read').catch(() => resolve(context.cwd));
  const files: string[] = [];
  const visit = async (folder: string): Promise<void> => {
    context.signal.throwIfAborted();
    const entries = await readdir(folder, { withFileTypes: true }).catch((cause: unknown) => {
      throw fileError(cause, folder);
    });
    for (const entry of entries) {
      const path = join(folder, entry.name);
      const name = relative(cwd, path).split(sep).join('/');
      if (entry.isDirectory() && !SKIPPED.has(entry.name)) await visit(path);
      else if (entry.isFile() && glob(name)) files.push(name);
      if (files.length > MAX_FILES) {
        throw new ActionError('file.too_large', `more than ${MAX_FILES} files match`, {
          hint: 'name a narrower glob',
        });
      }
    }
  };
  await visit(top);
  return { files: files.sort(), exists: files.length > 0 };
}

function compile(pattern: string): (path: string) => boolean {
  try {
    return compileGlob(pattern);
  } catch (error) {
    if (!(error instanceof WorkflowError)) throw error;
    throw new ActionError(
      'action.input',
      error.message,
      error.hint === undefined ? {} : { hint: error.hint },
    );
  }
}

function checkHash(found: string, inputs: Inputs, path: string): void {
  const expected = textOf(inputs, 'sha256')?.replace(/^sha256:/, '');
  if (expected === undefined || expected === found) return;
  throw new ActionError('file.checksum', `"${path}" has the checksum ${found}, and ${expected} is expected`);
}

async function sizeOf(path: string): Promise<number | undefined> {
  try {
    return (await lstat(path)).size;
  } catch (cause) {
    const error = fileError(cause, path);
    if (error instanceof ActionError && error.code === 'file.missing') return undefined;
    throw error;
  }
}
