import { type LogVerifier, parseLogVerifier, parseWitnessPolicy } from '@sheaf/bundle';
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { describeFlagFault } from '../config/flag-fault.js';
import { StartError } from '../start-error.js';

/** How a witness runs. */
export interface WitnessConfig {
  readonly host: string;
  /** 0 for any free port. */
  readonly port: number;
  readonly dataDir: string;
  /** Name of its key, for the first start. */
  readonly name: string | undefined;
  readonly logs: readonly LogVerifier[];
}

export const DEFAULT_WITNESS_PORT = 7434;

/** One line of usage for each flag of `sheaf-registry witness`. */
export const WITNESS_USAGE = `usage: sheaf-registry witness --log VKEY [--log VKEY] [--policy FILE] [--listen HOST:PORT] [--data-dir DIR] [--name NAME]

  --log VKEY          verifier key of a log to watch, as its registry shows it in /.well-known/sheaf-registry
  --policy FILE       watch the logs that this file names in its log lines (C2SP tlog-policy)
  --listen HOST:PORT  address to listen on (default 127.0.0.1:${DEFAULT_WITNESS_PORT}; port 0 for any)
  --data-dir DIR      where its key and what it has cosigned are kept (default .sheaf-witness)
  --name NAME         name of its key, such as witness.example.org; fixed at the first start (default the host name)
`;

/** @throws StartError `usage.invalid`; BundleError `log.key_invalid` or `witness.policy_invalid` */
export async function parseWitnessConfig(args: readonly string[]): Promise<WitnessConfig> {
  const values = parseFlags(args);
  const policy = values.policy === undefined ? [] : await readPolicyLogs(values.policy);
  const logs = [...(values.log ?? []).map((vkey) => parseLogVerifier(vkey)), ...policy];
  if (logs.length === 0)
    throw usage(
      'a witness needs a log to watch',
      'pass --log with the verifier key of a log, or --policy with a file',
    );
  return {
    ...parseListen(values.listen ?? `127.0.0.1:${DEFAULT_WITNESS_PORT}`),
    dataDir: resolve(values['data-dir'] ?? '.sheaf-witness'),
    name: values.name,
    logs,
  };
}

function parseFlags(args: readonly string[]) {
  const options = {
    listen: { type: 'string' },
    'data-dir': { type: 'string' },
    name: { type: 'string' },
    log: { type: 'string', multiple: true },
    policy: { type: 'string' },
  } as const;
  try {
    return parseArgs({ args: [...args], options, strict: true, allowPositionals: false }).values;
  } catch (cause) {
    throw usage(describeFlagFault(cause), 'see sheaf-registry witness --help');
  }
}

/** `host:port`, with an IPv6 address in brackets. */
function parseListen(text: string): { readonly host: string; readonly port: number } {
  const [, bracketed, plain, port] = /^(?:\[([0-9a-fA-F:.]+)\]|([^:[\]]+)):([0-9]{1,5})$/.exec(text) ?? [];
  const host = bracketed ?? plain;
  if (host === undefined || Number(port) > 65_535)
    throw usage(
      `--listen ${JSON.stringify(text)} is not an address`,
      'use HOST:PORT, such as 0.0.0.0:7434 or [::1]:7434',
    );
  return { host, port: Number(port) };
}

async function readPolicyLogs(path: string): Promise<readonly LogVerifier[]> {
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw usage(`the policy ${path} cannot be read`, 'check the path', cause);
  });
  return parseWitnessPolicy(text, path).logs;
}

function usage(message: string, hint: string, cause?: unknown): StartError {
  return new StartError('usage.invalid', message, hint, cause);
}
