import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** How much larger V8 makes the young generation when much of it survives; 2 is V8's own. */
const setGrowth = (factor: 1 | 2) => {
  setFlagsFromString(`--semi-space-growth-factor=${factor}`);
};

/**
 * Starts something without letting the young generation of the heap grow meanwhile, and gives back what the start alone needed.
 *
 * Loading modules makes many objects that all survive, so V8 takes the process for a busy one and doubles its young
 * generation again and again, up to some 30 MB that it never gives back and that an idle process has no use for. From
 * the end of the start on it grows as the load asks for. The texts of modules and what compiling them took are another 10 MB,
 * which V8 would keep until there is a load.
 */
export async function startSmall<T>(start: () => Promise<T>): Promise<T> {
  setGrowth(1);
  try {
    const started = await start();
    collectGarbage();
    return started;
  } finally {
    setGrowth(2);
  }
}

/** Some twenty milliseconds. The flag lets contexts that are made from then on ask for it, and none is made but this one. */
function collectGarbage(): void {
  setFlagsFromString('--expose-gc');
  runInNewContext('gc()');
  setFlagsFromString('--no-expose-gc');
}
