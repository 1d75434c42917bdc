import { compileGlob } from '../glob.js';
import { WorkflowError } from '../errors.js';

/**
 * Is a path, or a glob, within what the globs of a permission name? A glob is within one that is the same or that takes its whole folder.
 * What is relative says nothing of what is absolute, or leads up and out of the workspace.
 */
export function coversPath(globs: readonly string[], path: string): boolean {
  const plain = normalise(path);
  const leadsUp = plain.split('/').includes('..');
  return globs.some((glob) => {
    const around = normalise(glob);
    if (around === plain) return true;
    if (leadsUp || isAbsolute(around) !== isAbsolute(plain)) return false;
    if (around === '.' || around === '**') return true;
    const folder = around.endsWith('/**') ? around.slice(0, -3) : around;
    if (!/[*?]/.test(folder) && (plain === folder || plain.startsWith(folder === '/' ? '/' : `${folder}/`)))
      return true;
    return !/[*?]/.test(plain) && matches(around, plain);
  });
}

/** Is a host, with or without a port, among those of a permission? `*.example.com` takes all below it. */
export function coversHost(hosts: readonly string[], host: string): boolean {
  const [name = ''] = host.toLowerCase().split(':');
  return hosts.some((each) => {
    const known = each.toLowerCase();
    if (known === '*' || known === host.toLowerCase() || known === name) return true;
    if (known.replace(/:\d+$/, '') === name && !host.includes(':')) return true;
    return known.startsWith('*.') && name.endsWith(known.slice(1));
  });
}

function normalise(path: string): string {
  const plain = path.replace(/^(?:\.\/)+/, '').replace(/\/+$/, '');
  if (plain !== '') return plain;
  return isAbsolute(path) ? '/' : '.';
}

function isAbsolute(path: string): boolean {
  return path.startsWith('/');
}

function matches(glob: string, path: string): boolean {
  try {
    return compileGlob(glob)(path);
  } catch (error) {
    if (!(error instanceof WorkflowError)) throw error;
    // A permission may be written in a way that bundles do not take: it is not decided here.
    return true;
  }
}
