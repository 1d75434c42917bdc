import { parseConfig } from '../config.js';
import { usageError } from '../config/env.js';
import type { Finding } from '../check/finding.js';
import { counted } from './counted.js';
import { dataDirArgs, parseFlags } from './flags.js';
import { logTo } from './log-to.js';
import type { Verb } from './verb.js';

/** `sheaf-registry check`: verifies that database, log and store fit together. Changes nothing. */
export const checkVerb: Verb = {
  name: 'check',
  usage: `usage: sheaf-registry check [--deep] [--json] [--data-dir DIR]

  --deep          read every blob and verify what is in it
  --json          one line of JSON for each finding, then one for all
  --data-dir DIR  as for serve

Exit code 0 when everything fits together, 3 when something does not.
`,
  run: async (args, env, io) => {
    const { values, positionals } = parseFlags('check', args, {
      deep: { type: 'boolean' },
      json: { type: 'boolean' },
      'data-dir': { type: 'string' },
    });
    if (positionals.length > 0)
      throw usageError('check takes no arguments', 'see sheaf-registry check --help');
    const isJson = values.json === true;
    const config = parseConfig(dataDirArgs(values['data-dir']), env, io.isInteractive);
    const { runCheck } = await import('../check/run-check.js');
    const result = await runCheck(config, logTo(config.server.logLevel), {
      isDeep: values.deep === true,
      signal: io.stopped,
      onFinding: (finding) => {
        io.stdout(isJson ? `${JSON.stringify(finding)}\n` : lineOf(finding));
      },
      onPart: (part) => {
        if (!isJson && io.isInteractive) io.stderr(`checking ${part}\n`);
      },
    });
    if (isJson) io.stdout(`${JSON.stringify({ schema: 'sheaf-registry.check/1', ...result })}\n`);
    else {
      const { leaves, realms, blobs, findings } = result;
      const read = `${counted(leaves, 'leaf', 'leaves')} of ${counted(realms, 'log')} and ${counted(blobs, 'blob')}`;
      const verdict = findings === 0 ? 'everything fits together' : counted(findings, 'finding');
      io.stdout(`${read} checked: ${verdict}\n`);
    }
    return result.findings === 0 ? 0 : 3;
  },
};

function lineOf({ code, where, problem, remedy }: Finding): string {
  return `${code}: ${where}: ${problem}; ${remedy}\n`;
}
