import { parseArgs } from 'node:util';
import { expect, test } from 'vitest';
import { describeFlagFault } from './flag-fault.js';

const options = { port: { type: 'string' }, deep: { type: 'boolean' } } as const;

test.each([
  [['--prot', '1'], 'there is no flag --prot'],
  [['-x'], 'there is no flag -x'],
  [['--p\u001b[2J'], 'there is no flag --p?[2J'],
  [['here'], '"here" is one argument too many'],
  [['--port'], '--port needs a value'],
  [['--port', '-1'], '--port needs a value; one that begins with - is written --port=-…'],
  [['--deep=yes'], '--deep takes no value'],
])('%j: %s', (args, text) => {
  let fault = '';
  try {
    parseArgs({ args, options, strict: true, allowPositionals: false });
  } catch (error) {
    fault = describeFlagFault(error);
  }
  expect(fault).toBe(text);
});
