import { parseConfig } from '../config.js';
import { usageError } from '../config/env.js';
import { counted } from './counted.js';
import { dataDirArgs, parseFlags } from './flags.js';
import { logTo } from './log-to.js';
import type { Verb } from './verb.js';

/** `sheaf-registry export`: everything that a mirror needs, in one file or folder. */
export const exportVerb: Verb = {
  name: 'export',
  usage: `usage: sheaf-registry export FILE|DIR/ [--namespace NS]… [--json] [--data-dir DIR]

  FILE | DIR/     a tar file, or a folder when it ends with a slash; must not exist
  --namespace NS  only the releases of these namespaces; the logs are whole all the same (default: all public ones)
  --json          one line of JSON about what was written
  --data-dir DIR  as for serve

The registry may run meanwhile, also on its private database.
`,
  run: async (args, env, io) => {
    const { values, positionals } = parseFlags('export', args, {
      namespace: { type: 'string', multiple: true },
      json: { type: 'boolean' },
      'data-dir': { type: 'string' },
    });
    const [path] = positionals;
    if (path === undefined || positionals.length > 1)
      throw usageError('export takes one file or folder', 'see sheaf-registry export --help');
    const config = parseConfig(dataDirArgs(values['data-dir']), env, io.isInteractive);
    const { runExport } = await import('../archive/run-archive.js');
    const result = await runExport(config, logTo(config.server.logLevel), path, {
      signal: io.stopped,
      ...(values.namespace && { namespaces: values.namespace }),
    });
    if (values.json === true)
      io.stdout(`${JSON.stringify({ schema: 'sheaf-registry.export/1', path, ...result })}\n`);
    else {
      io.stdout(`${counted(result.releases, 'release')} exported to ${path}\n`);
      for (const { realm, size, verifierKey } of result.realms)
        io.stdout(`log of ${realm}: ${counted(size, 'leaf', 'leaves')}, key ${verifierKey}\n`);
    }
    return 0;
  },
};
