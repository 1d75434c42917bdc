import type { Context } from '../frame/context.js';
import { plural } from '../terminal/text.js';
import type { Check, Finding } from './check.js';

/** Whether the files of the project that this folder is of can be read, and hold together. Nothing outside of one. */
export function projectCheck(context: Pick<Context, 'cwd' | 'env'>): Check {
  return { name: 'project', run: () => checkProject(context) };
}

async function checkProject(context: Pick<Context, 'cwd' | 'env'>): Promise<readonly Finding[]> {
  const { findProject } = await import('../project/open-project.js');
  const project = await findProject(context);
  if (project === undefined) return [];
  const { findLock } = await import('../project/lock-on-disk.js');
  const lock = await findLock(project);
  const named = `${project.file} names ${plural(project.workflows.size, 'workflow')}`;
  if (lock === undefined && project.workflows.size > 0) {
    return [
      { check: 'project', status: 'warn', detail: `${named}, and nothing locks them`, remedy: 'sheaf lock' },
    ];
  }
  const held =
    lock === undefined ? '' : `, ${project.lockFile} holds ${plural(lock.workflows.length, 'version')}`;
  return [{ check: 'project', status: 'ok', detail: `${named}${held}` }];
}
