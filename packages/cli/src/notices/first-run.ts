import { existsSync } from 'node:fs';
import { isCi } from '../frame/ci.js';
import type { Context } from '../frame/context.js';
import { keepNotice } from './told.js';

type FirstRunContext = Pick<Context, 'env' | 'paths' | 'json' | 'now'> & {
  readonly ui: Pick<Context['ui'], 'say' | 'stderr'>;
  readonly stdout: Pick<Context['stdout'], 'isTty'>;
};

/**
 * Says where to begin, the first time that somebody uses sheaf at a terminal and nothing of it is here yet; never again,
 * and never where that could not be noted.
 */
export async function greetOnce(context: FirstRunContext): Promise<void> {
  const { env, paths, json, ui, stdout } = context;
  if (json || !stdout.isTty || !ui.stderr.isTty || isCi(context)) return;
  if ((env['SHEAF_REGISTRY'] ?? '') !== '' || (env['SHEAF_TOKEN'] ?? '') !== '') return;
  try {
    if (existsSync(paths.config()) || existsSync(paths.state())) return;
    await keepNotice(context, 'greeted', '');
  } catch {
    // No home, or one that cannot be written: a greeting that comes each time is none.
    return;
  }
  ui.say('sheaf is new here; where to begin, said once:');
  ui.say('  sheaf login URL    signs in to a registry');
  ui.say('  sheaf doctor       checks this machine; sheaf help lists the verbs');
}
