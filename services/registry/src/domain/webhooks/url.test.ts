import { describe, expect, it } from 'vitest';
import { networksOf } from './addresses.js';
import { parseWebhookUrl } from './url.js';

const NONE = networksOf([]);
const LOOPBACK = networksOf(['127.0.0.0/8', '::1']);

describe('the URL of a webhook', () => {
  it.each(['https://hooks.example.com/a?b=c', 'https://8.8.8.8/', 'https://[2606:4700::1111]:8443/x'])(
    'may be %s',
    (url) => {
      expect(parseWebhookUrl(url, NONE)).toBe(url);
    },
  );

  it.each([
    'http://hooks.example.com/',
    'ftp://hooks.example.com/',
    'file:///etc/passwd',
    'https://user:secret@hooks.example.com/',
    'https://hooks.example.com/#part',
    'https://127.0.0.1/',
    'https://2130706433/',
    'https://0x7f.1/',
    'https://0177.0.0.1/',
    'https://127.1/',
    'https://[::1]/',
    'https://[::ffff:127.0.0.1]/',
    'https://169.254.169.254/latest/meta-data/',
    'https://localhost/',
    'https://app.localhost/',
    'https://',
    'hooks',
    `https://hooks.example.com/${'a'.repeat(2_000)}`,
  ])('may not be %s', (url) => {
    expect(() => parseWebhookUrl(url, NONE)).toThrow('nothing is delivered there');
  });

  it('may be in a network that is allowed, also without TLS', () => {
    expect(parseWebhookUrl('http://127.0.0.1:8080/x', LOOPBACK)).toBe('http://127.0.0.1:8080/x');
    expect(parseWebhookUrl('https://[::1]/', LOOPBACK)).toBe('https://[::1]/');
    expect(() => parseWebhookUrl('http://10.0.0.1/', LOOPBACK)).toThrow('10.0.0.1');
    expect(() => parseWebhookUrl('http://8.8.8.8/', LOOPBACK)).toThrow('8.8.8.8');
  });
});
