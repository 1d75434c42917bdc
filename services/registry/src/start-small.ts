import { setFlagsFromString } from 'node:v8';

/** How much larger V8 makes the young generation when much of it survives; 2 is V8's own. */
const setGrowth = (factor: 1 | 2) => {
  setFlagsFromString(`--semi-space-growth-factor=${factor}`);
};

/**
 * Starts something without letting the young generation of the heap grow meanwhile.
 *
 * Loading modules makes many objects that all survive, so V8 takes the process for a busy one and doubles its young
 * generation again and again, up to some 30 MB that it never gives back and that an idle process has no use for. From
 * the end of the start on it grows as the load asks for.
 */
export async function startSmall<T>(start: () => Promise<T>): Promise<T> {
  setGrowth(1);
  try {
    return await start();
  } finally {
    setGrowth(2);
  }
}
