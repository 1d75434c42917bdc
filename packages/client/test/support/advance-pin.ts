import { checkpointOf } from '../../src/pin.js';
import { openTrustStore } from '../../src/trust-store.js';

/** Counts up the number that stands for a checkpoint, and prints each that it could store. */
const [dir = '', url = '', times = '0'] = process.argv.slice(2);
const trust = await openTrustStore(dir);
for (let done = 0; done < Number(times);) {
  const pin = await trust.getPin(url);
  const next = String(Number(checkpointOf(pin) ?? '0') + 1);
  if (!(await trust.advance(pin, next))) continue;
  done++;
  process.stdout.write(`${next}\n`);
}
