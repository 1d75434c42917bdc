/**
 * What is wrong with the flags of a command line, in one line, of what `parseArgs` of Node throws. Its own words go over
 * several lines and advise on what no verb here takes.
 */
export function describeFlagFault(error: unknown): string {
  const { code, message } = error as { readonly code?: unknown; readonly message: string };
  const quoted = (/'([^']{1,200})'/.exec(message)?.[1] ?? '').replace(/[^\x20-\x7e]/g, '?');
  // Such as `-r, --reason <value>`: without what it takes.
  const name = quoted.replace(/ <value>$/, '');
  if (code === 'ERR_PARSE_ARGS_UNKNOWN_OPTION') return `there is no flag ${name}`;
  if (code === 'ERR_PARSE_ARGS_UNEXPECTED_POSITIONAL')
    return `${JSON.stringify(name)} is one argument too many`;
  if (code !== 'ERR_PARSE_ARGS_INVALID_OPTION_VALUE') return 'the flags are not valid';
  if (message.includes('ambiguous'))
    return `${name} needs a value; one that begins with - is written ${name}=-…`;
  if (message.includes('does not take an argument')) return `${name} takes no value`;
  return `${name} needs a value`;
}
