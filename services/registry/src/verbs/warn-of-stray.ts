import { describeStray } from '../config.js';
import type { Env } from '../config/env.js';
import type { VerbIo } from './verb.js';

/** Says which variables look like settings of the service and are none: a slip of the pen would go unnoticed. */
export function warnOfStray(env: Env, { stderr }: Pick<VerbIo, 'stderr'>): void {
  for (const line of describeStray(env)) stderr(`warning: ${line}\n`);
}
