import type { Pin, PublisherRule, TrustPolicy, TrustStore } from '@sheaf/client';
import { plural } from '../terminal/text.js';
import { failed, type Check, type Finding } from './check.js';

const CHECK = 'trust';

/** Whether the policy can be read, and names whom it trusts. */
export function trustCheck(load: () => Promise<{ readonly policy: TrustPolicy }>): Check {
  return {
    name: CHECK,
    run: async () => {
      const { policy } = await load();
      const detail = `mode ${policy.mode} (${policy.modeFrom}), ${plural(policy.publishers.length, 'rule')}`;
      const open = policy.publishers.filter(isOpen);
      const [first] = open;
      if (first === undefined) return { check: CHECK, status: 'ok', detail };
      return {
        check: CHECK,
        status: 'warn',
        detail: `${detail}; anybody's jobs may sign for ${open.map(({ namespace }) => namespace).join(', ')}`,
        remedy: `write a number of whose they are in place of any_job, ${first.place.file}:${first.place.line}`,
      };
    },
  };
}

/** A project's rule only adds to what others allow; where two have to sign, a job alone is not enough. */
function isOpen({ oidc, threshold, layer }: PublisherRule): boolean {
  return oidc?.anyJob === true && layer !== 'project' && threshold === 1;
}

const PINS = 'pins';

/** Whether each registry is pinned under one log key; several of its addresses are told as one. */
export function pinsCheck(
  open: () => Promise<Pick<TrustStore, 'listPins' | 'findPinByOrigin'> | undefined>,
): Check {
  return {
    name: PINS,
    run: async () => {
      const store = await open();
      const pins = (await store?.listPins()) ?? [];
      const origins = [...new Set(pins.map(({ origin }) => origin))].sort();
      const found = origins.map((origin) => lookAtOrigin(store, origin));
      const wrong = (await Promise.all(found)).flatMap((each) => each ?? []);
      return wrong.length > 0 ? wrong : { check: PINS, status: 'ok', detail: describePins(pins, origins) };
    },
  };
}

async function lookAtOrigin(
  store: Pick<TrustStore, 'findPinByOrigin'> | undefined,
  origin: string,
): Promise<Finding | undefined> {
  try {
    await store?.findPinByOrigin(origin);
    return undefined;
  } catch (error) {
    return failed(PINS, error);
  }
}

function describePins(pins: readonly Pin[], origins: readonly string[]): string {
  const twice = origins.flatMap((origin) => {
    const { length } = pins.filter((pin) => pin.origin === origin);
    return length > 1 ? [`${origin} at ${length} addresses, under one log key`] : [];
  });
  return [plural(origins.length, 'registry', 'registries'), ...twice].join('; ');
}
