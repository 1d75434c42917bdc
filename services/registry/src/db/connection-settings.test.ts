import { expect, test } from 'vitest';
import { withSettings } from './connection-settings.js';

const SETTINGS = { jit: 'off', enable_seqscan: 'off' };
const OWN = '-c jit=off -c enable_seqscan=off';

test('settings are options of the connection', () => {
  const url = 'postgres://sheaf:secret@db.example.com:5432/sheaf?sslmode=require';
  expect(withSettings(url, SETTINGS, undefined)).toEqual({ connectionString: url, options: OWN });
});

test('options of the URL hold for these connections as for all others', () => {
  const url = 'postgres://db.example.com/sheaf?options=-c%20search_path%3Dwf&sslmode=require';
  expect(withSettings(url, SETTINGS, '-c role=somebody')).toEqual({
    connectionString: 'postgres://db.example.com/sheaf?sslmode=require',
    options: `-c search_path=wf ${OWN}`,
  });
});

test('so do those of the environment, when the URL has none', () => {
  const { options } = withSettings('postgres://db.example.com/sheaf', SETTINGS, '-c search_path=wf');
  expect(options).toBe(`-c search_path=wf ${OWN}`);
});
