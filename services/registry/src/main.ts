import { StartError } from './start-error.js';
import { describeFailure } from './verbs/describe-failure.js';
import { VERBS } from './verbs/index.js';
import type { VerbIo } from './verbs/verb.js';

const FORCED_EXIT_CODE = 130;
/** One Ctrl-C arrives from the terminal and once more from whatever started this process, in one moment. */
const ONE_MOMENT_MS = 500;

/** Entry of `sheaf-registry`: `verbs/` says what each verb does. */
export async function main(argv: readonly string[]): Promise<void> {
  const [name, ...args] = argv;
  const load = name === undefined ? undefined : VERBS.get(name);
  if (name === undefined || name === 'help' || argv.includes('--help') || argv.includes('-h')) {
    const verbs = await Promise.all((load ? [load] : [...VERBS.values()]).map((l) => l()));
    process.stdout.write(verbs.map((verb) => verb.usage).join('\n'));
    return;
  }
  try {
    if (!load) {
      const known = [...VERBS.keys()].join(', ');
      const hint = `use one of ${known}; see sheaf-registry --help`;
      throw new StartError('usage.invalid', `there is no verb ${JSON.stringify(name)}`, hint);
    }
    const verb = await load();
    process.exitCode = await verb.run(args, process.env, ioOfProcess());
  } catch (error) {
    process.exitCode = error instanceof StartError && error.code === 'usage.invalid' ? 2 : 1;
    process.stderr.write(describeFailure(error));
  }
}

function ioOfProcess(): VerbIo {
  const stop = new AbortController();
  let askedMs = 0;
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      // Who asks twice does not want to wait for anything any more.
      const nowMs = performance.now();
      if (stop.signal.aborted && nowMs - askedMs > ONE_MOMENT_MS) process.exit(FORCED_EXIT_CODE);
      if (!stop.signal.aborted) askedMs = nowMs;
      stop.abort();
    });
  }
  return {
    stdout: (text) => process.stdout.write(text),
    stderr: (text) => process.stderr.write(text),
    isInteractive: process.stderr.isTTY,
    stopped: stop.signal,
  };
}
