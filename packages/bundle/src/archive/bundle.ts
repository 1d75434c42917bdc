import { compileGlob, readDefinition, type WorkflowDefinition } from '@sheaf/workflow';
import { type Digest, digestOf } from '../digest.js';
import { findUtf8 } from '../encoding/bytes.js';
import { BundleError } from '../error.js';
import { type ArchiveLimits, DEFAULT_LIMITS } from './limits.js';
import { compareUtf8, showPath } from './path.js';
import { type ArchiveFile, readTar } from './tar.js';

/** What the definition may be called, at the root of the bundle. */
const DEFINITION_NAMES = ['workflow.toml', 'workflow.yaml'] as const;
/** Packed without being asked for when they stand at the root, because the workflow's page shows them. */
const SHOWN_FILES: readonly string[] = ['README.md', 'LICENSE'];

/** A canonical archive with a valid definition in it. */
export interface Bundle {
  readonly digest: Digest;
  readonly sizeBytes: number;
  /** In archive order; bytes are views of `tar`. */
  readonly files: readonly ArchiveFile[];
  readonly definitionPath: string;
  readonly definition: WorkflowDefinition;
  readonly tar: Uint8Array;
}

/**
 * Chooses which of the given files belong in a workflow's bundle, and which of them are executable: the definition
 * itself, `README.md` and `LICENSE` at the root, and whatever a glob of `[bundle] include` matches. The executable
 * bit comes from `[bundle] executable` alone, so that every system packs the same bytes.
 *
 * @param paths relative, with `/` between segments
 * @returns in archive order
 */
export function selectFiles(
  definition: WorkflowDefinition,
  definitionPath: string,
  paths: readonly string[],
): readonly { readonly path: string; readonly executable: boolean }[] {
  const included = definition.bundle.include.map(compileGlob);
  const executable = definition.bundle.executable.map(compileGlob);
  return paths
    .filter(
      (path) =>
        path === definitionPath || SHOWN_FILES.includes(path) || included.some((matches) => matches(path)),
    )
    .map((path) => ({
      path,
      executable: path !== definitionPath && executable.some((matches) => matches(path)),
    }))
    .sort((a, b) => compareUtf8(a.path, b.path));
}

/**
 * Reads an archive as a bundle: canonical, with exactly one of `workflow.toml` and `workflow.yaml` at its root, the
 * definition valid, and files and executable bits exactly what that definition selects.
 *
 * @throws BundleError a code of `archive.…` or `path.…`, `definition.missing`, `definition.ambiguous`,
 *   `definition.too_large`, `definition.invalid` (with `diagnostics`), or `bundle.selection`
 */
export function readBundle(tar: Uint8Array, limits: ArchiveLimits = DEFAULT_LIMITS): Bundle {
  return readCheckedBundle(tar, () => undefined, limits);
}

/**
 * Reads an archive as {@link readBundle} does, once its digest was looked at: it is computed here, a single time, and nothing
 * of the archive is parsed before.
 *
 * @param checkDigest throws to refuse the archive
 * @throws BundleError as {@link readBundle}, and what `checkDigest` throws
 */
export function readCheckedBundle(
  tar: Uint8Array,
  checkDigest: (digest: Digest) => void,
  limits: ArchiveLimits = DEFAULT_LIMITS,
): Bundle {
  const digest = digestOf(tar);
  checkDigest(digest);
  const files = readTar(tar, limits);
  const file = getDefinitionFile(files);
  const definition = parseDefinition(file, files, limits);
  checkSelection(definition, file.path, files);
  return { digest, sizeBytes: tar.length, files, definitionPath: file.path, definition, tar };
}

function getDefinitionFile(files: readonly ArchiveFile[]): ArchiveFile {
  const found = files.filter(({ path }) => DEFINITION_NAMES.some((name) => name === path));
  const [file] = found;
  if (file === undefined) {
    throw new BundleError(
      'definition.missing',
      'the bundle has no workflow.toml or workflow.yaml at its root',
    );
  }
  if (found.length > 1) {
    throw new BundleError('definition.ambiguous', 'the bundle has both a workflow.toml and a workflow.yaml', {
      hint: 'keep one of them',
    });
  }
  return file;
}

function parseDefinition(
  file: ArchiveFile,
  files: readonly ArchiveFile[],
  limits: ArchiveLimits,
): WorkflowDefinition {
  if (file.bytes.length > limits.definitionBytes) {
    throw new BundleError(
      'definition.too_large',
      `${file.path} has ${file.bytes.length} bytes, the limit is ${limits.definitionBytes}`,
    );
  }
  const text = findUtf8(file.bytes);
  if (text === undefined) throw new BundleError('definition.invalid', `${file.path} is not valid utf-8`);
  const { definition, diagnostics } = readDefinition(
    { text, file: file.path },
    { files: files.map(({ path }) => path) },
  );
  if (definition === undefined) {
    const errors = diagnostics.filter(({ severity }) => severity === 'error').length;
    throw new BundleError(
      'definition.invalid',
      `${file.path} has ${errors} error${errors === 1 ? '' : 's'}`,
      {
        hint: 'sheaf validate shows each with its line',
        diagnostics,
      },
    );
  }
  return definition;
}

/** A bundle holds nothing that its definition does not account for. */
function checkSelection(
  definition: WorkflowDefinition,
  definitionPath: string,
  files: readonly ArchiveFile[],
): void {
  const selected = selectFiles(
    definition,
    definitionPath,
    files.map(({ path }) => path),
  );
  const executableByPath = new Map(selected.map(({ path, executable }) => [path, executable]));
  for (const { path, executable } of files) {
    const expected = executableByPath.get(path);
    if (expected === undefined) {
      throw new BundleError('bundle.selection', `${showPath(path)} is not included by the definition`, {
        hint: 'name it in [bundle] include, or leave it out',
      });
    }
    if (expected !== executable) {
      throw new BundleError(
        'bundle.selection',
        `${showPath(path)} is ${executable ? '' : 'not '}executable, the definition says otherwise`,
        { hint: 'the executable bit comes from [bundle] executable' },
      );
    }
  }
}
