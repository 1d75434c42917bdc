/** What of a script's `console` is kept, in UTF-16 units. */
const LOG_LENGTH = 65_536;

/**
 * Guest code that runs before the script: gives it a `console`, and a function that starts the script and, called without
 * arguments, gives what came of it as JSON, or undefined while a promise is pending. All of it belongs to the guest, who may bend
 * it: the host reads one text from it and trusts nothing in that.
 */
export const PRELUDE = `(() => {
  const { parse, stringify } = JSON;
  const join = Function.prototype.call.bind(Array.prototype.join);
  const lines = [];
  let length = 0;
  const show = (value) => {
    if (typeof value === 'string') return value;
    if (value instanceof Error) return value.name + ': ' + value.message;
    return stringify(value) ?? String(value);
  };
  const write = (...values) => {
    const line = join(values.map(show), ' ');
    length += line.length + 1;
    if (length <= ${String(LOG_LENGTH)}) lines.push(line);
  };
  globalThis.console = { log: write, info: write, debug: write, warn: write, error: write };
  let result;
  const settle = (what) => { result = stringify({ ...what, log: join(lines, '\\n') }); };
  const describe = (error) => error instanceof Error
    ? { name: String(error.name), message: String(error.message), stack: String(error.stack) }
    : { name: 'Error', message: show(error), stack: '' };
  return (script, input) => {
    if (script === undefined) return result;
    new Promise((resolve) => { resolve(script(parse(input))); }).then(
      (value) => {
        try { settle({ value: value === undefined ? {} : value }); } catch (error) { settle({ error: describe(error) }); }
      },
      (error) => { settle({ error: describe(error) }); },
    );
  };
})()`;

/** The script as a function of \`input\`; its first line stays the first. */
export function wrapScript(script: string): string {
  return `(async function script(input) {${script}\n})`;
}
