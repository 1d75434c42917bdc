import { extname, resolve } from 'node:path';
import type { Bundle } from '@sheaf/bundle';
import { openSignedWorkflow } from '@sheaf/client';
import { listStepGraph } from '@sheaf/workflow';
import type { Context } from '../frame/context.js';
import { CliError } from '../frame/errors.js';
import type { InfoLocalJson } from '../json/info-local.js';
import type { LocalInfo } from '../output/info-local.js';
import { findKind } from '../project/bare-word.js';
import { asPath } from '../registry/session.js';
import { bundleFolder } from './bundle-folder.js';
import { isCarryName, readCarry } from './carry-file.js';

/**
 * What lies at a path: a folder or a definition of one's own, or a carry file. Undefined for a word that is no path and
 * of which nothing is here.
 *
 * @throws CliError `file.not_found` for a README that is not there; as `bundleFolder`, `readCarry`, `openSignedWorkflow`
 */
export async function findLocal(
  context: Pick<Context, 'cwd' | 'env' | 'paths'>,
  word: string,
  { readme }: { readonly readme: boolean },
): Promise<LocalInfo | undefined> {
  const isPath = asPath(word, context.cwd) !== undefined || extname(word) !== '';
  if (!isPath && (await findKind(resolve(context.cwd, word))) === undefined) return undefined;
  if (isCarryName(word)) {
    const { packed } = await openSignedWorkflow(await readCarry(context, word));
    return { local: describe(packed.bundle, { kind: 'file', path: word, readme }) };
  }
  const { bundle } = await bundleFolder(word, context);
  return { local: describe(bundle, { kind: 'folder', path: word, readme }) };
}

function describe(
  bundle: Bundle,
  { kind, path, readme }: Pick<InfoLocalJson, 'kind' | 'path'> & { readonly readme: boolean },
): InfoLocalJson {
  const { definition, digest, files } = bundle;
  const { id, version, name, description, license, homepage, tags } = definition;
  return {
    kind,
    path,
    id,
    version,
    ...(name === undefined ? {} : { title: name }),
    ...(description === undefined ? {} : { description }),
    ...(license === undefined ? {} : { license }),
    ...(homepage === undefined ? {} : { homepage }),
    tags,
    digest,
    permissions: definition.permissions,
    parameters: definition.parameters,
    outputs: Object.keys(definition.outputs),
    requirements: definition.requirements.tools.map((tool) =>
      tool.minimum === undefined ? tool.name : `${tool.name} >= ${tool.minimum}`,
    ),
    steps: listStepGraph(definition),
    files: files.map((file) => ({
      path: file.path,
      sizeBytes: file.bytes.length,
      executable: file.executable,
    })),
    ...(readme ? { readme: readReadme(bundle, path) } : {}),
  };
}

function readReadme({ files }: Bundle, path: string): string {
  const file = files.find((each) => each.path === 'README.md');
  if (file !== undefined) return new TextDecoder().decode(file.bytes);
  throw new CliError('file.not_found', `${path} has no README.md`, { hint: 'leave out --readme' });
}
