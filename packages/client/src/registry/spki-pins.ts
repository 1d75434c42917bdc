import { ClientError } from '../errors.js';

const MAX_PINS = 20;
/** 32 bytes in base64: the last digit before the padding has only four bits. */
const PIN = /^sha256\/[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=$/;

/**
 * Checks the form of pins, and that they can be kept to at all.
 *
 * @throws ClientError `tls.pin_invalid`
 */
export function assertPins(
  pins: readonly string[],
  { url, areChecked }: { readonly url: string; readonly areChecked: boolean },
): void {
  const refuse = (why: string, hint: string): ClientError =>
    new ClientError('tls.pin_invalid', why, { hint });
  if (pins.length === 0)
    throw refuse(
      `the list of pins for ${url} is empty, which no certificate could fit`,
      'leave spkiPins out to take any valid certificate',
    );
  if (pins.length > MAX_PINS)
    throw refuse(`${url} has ${pins.length} pins, more than ${MAX_PINS}`, 'keep the pins that are in use');
  const bad = pins.find((pin) => !PIN.test(pin));
  if (bad !== undefined) {
    throw refuse(
      `${JSON.stringify(bad.slice(0, 100))} is not a pin of a public key`,
      'write sha256/ and the SHA-256 of the SubjectPublicKeyInfo in base64, such as openssl prints it',
    );
  }
  if (!url.startsWith('https:'))
    throw refuse(`pins need https, and ${url} has none`, 'use the https address of the registry');
  if (!areChecked)
    throw refuse('pins cannot be kept to on given connections', 'leave out the dispatcher or the pins');
}
