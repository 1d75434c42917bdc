import { compileGlob } from '../glob.js';
import { WorkflowError } from '../errors.js';

/** Is a path, or a glob, within what the globs of a permission name? A glob is within one that is the same or that takes its whole folder. */
export function coversPath(globs: readonly string[], path: string): boolean {
  const plain = normalise(path);
  return globs.some((glob) => {
    const around = normalise(glob);
    if (around === plain || around === '.' || around === '**') return true;
    const folder = around.endsWith('/**') ? around.slice(0, -3) : around;
    if (!/[*?]/.test(folder) && (plain === folder || plain.startsWith(`${folder}/`))) return true;
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
  return plain === '' ? '.' : plain;
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
