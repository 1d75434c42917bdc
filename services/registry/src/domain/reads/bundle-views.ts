import type { ArchiveFile, Bundle } from '@sheaf/bundle';
import { createPlan, type Plan } from '@sheaf/workflow';
import { RegistryError } from '../error.js';

const README = /^readme\.(md|markdown|txt)$/i;

/** The README at the root of a bundle. */
export function getReadme(bundle: Bundle): ArchiveFile {
  const file = bundle.files.find(({ path }) => README.test(path));
  if (!file) throw new RegistryError('file.not_found', 'the bundle has no README');
  return file;
}

/** A file of a bundle by its exact path, which is in NFC and never has `..`: another spelling is not found. */
export function getFile(bundle: Bundle, path: string): ArchiveFile {
  const file = bundle.files.find((each) => each.path === path);
  if (!file) throw new RegistryError('file.not_found', 'the bundle has no such file');
  return file;
}

/** Whether bytes are text that can be shown: UTF-8 without NUL. */
export function isText(bytes: Uint8Array): boolean {
  if (bytes.includes(0)) return false;
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    return true;
  } catch {
    return false;
  }
}

/**
 * The plan of a bundle's definition when nobody gives it parameters, as the engine makes it.
 *
 * @throws RegistryError `plan.parameters_missing` with every parameter that has no default and must be given
 */
export function planOf(bundle: Bundle): Plan {
  const { definition } = bundle;
  const missing = Object.entries(definition.parameters).filter(
    ([, { required, default: value }]) => required && (value ?? null) === null,
  );
  if (missing.length > 0)
    throw new RegistryError('plan.parameters_missing', 'the plan depends on parameters without a default', {
      errors: missing.slice(0, 200).map(([name]) => ({
        pointer: `/parameters/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`,
        code: 'parameter.missing',
        detail: `${name} must be given`,
      })),
    });
  return createPlan(definition, {});
}
