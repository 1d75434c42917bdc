import { parseNamespace, parseVersion, parseWorkflowName } from '@sheaf/workflow';
import { usageError } from '../config/env.js';
import type { VersionRef } from '../db/workflow-queries.js';
import { changeState } from '../domain/releases/change-state.js';
import { parseFlags } from '../verbs/flags.js';
import { onlyArgument, type AdminCommand } from './command.js';

/** `admin quarantine REF --reason R` */
export const quarantineCommand: AdminCommand = async (session, args, io) => {
  const { values, positionals } = parseFlags('admin', args, { reason: { type: 'string' } });
  const ref = parseRef(onlyArgument('quarantine', 'REF', positionals));
  if (values.reason === undefined)
    throw usageError('a quarantine has a reason', 'pass --reason with one line that everybody may read');
  const { logs } = await session.openLogs();
  const request = { reason: values.reason };
  await changeState({ ...session, logs }, session.caller, ref, { change: 'quarantine', request });
  io.stdout(`${shown(ref)} is withheld\n`);
  return 0;
};

/** `admin unquarantine REF` */
export const unquarantineCommand: AdminCommand = async (session, args, io) => {
  const ref = parseRef(onlyArgument('unquarantine', 'REF', args));
  const { logs } = await session.openLogs();
  await changeState({ ...session, logs }, session.caller, ref, { change: 'unquarantine' });
  io.stdout(`${shown(ref)} is handed out again\n`);
  return 0;
};

function parseRef(text: string): VersionRef {
  const [, namespace = '', name = '', version = ''] = /^([^/@]+)\/([^/@]+)@([^/@]+)$/.exec(text) ?? [];
  try {
    return {
      namespace: parseNamespace(namespace),
      name: parseWorkflowName(name),
      version: parseVersion(version),
    };
  } catch (cause) {
    const what = `${JSON.stringify(text.slice(0, 200))} does not name a version`;
    throw usageError(what, 'use NAMESPACE/NAME@VERSION, such as acme/deploy@1.2.0', cause);
  }
}

function shown({ namespace, name, version }: VersionRef): string {
  return `${namespace}/${name}@${version}`;
}
