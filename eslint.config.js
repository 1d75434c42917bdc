import js from '@eslint/js';
import tseslint from 'typescript-eslint';

const STYLE = {
  // Numbers in templates are exact and common (sizes, indices); everything else must be made a string on purpose.
  '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
  '@typescript-eslint/consistent-type-imports': 'error',
  '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
  'no-restricted-syntax': [
    'error',
    { selector: 'ExportDefaultDeclaration', message: 'Use named exports.' },
    { selector: 'ExportAllDeclaration', message: 'Name what you export.' },
    { selector: 'TSEnumDeclaration', message: 'Use a union of literals.' },
  ],
};

/** The types of pages bring those of browsers along: what only exists there is no typing error here any more. */
const ONLY_IN_BROWSERS = [
  ...['name', 'event', 'status', 'length', 'parent', 'top', 'origin', 'open', 'find', 'stop', 'location'],
  ...[
    'document',
    'window',
    'self',
    'localStorage',
    'sessionStorage',
    'history',
    'screen',
    'alert',
    'confirm',
  ],
];

export default tseslint.config(
  { ignores: ['docs/api/**', '**/dist/**', '**/coverage/**', '**/.turbo/**', '.sheaf/**', 'examples/**'] },
  js.configs.recommended,
  {
    files: ['**/*.{ts,tsx}'],
    ignores: ['services/registry/src/web/islands/**'],
    extends: [tseslint.configs.strictTypeChecked, tseslint.configs.stylisticTypeChecked],
    // One program for all packages: each of their own would check the sources of the others once more.
    languageOptions: {
      parserOptions: { project: 'tsconfig.all.json', tsconfigRootDir: import.meta.dirname },
    },
    rules: { ...STYLE, 'no-restricted-globals': ['error', ...ONLY_IN_BROWSERS] },
  },
  {
    // What runs in browsers, and nowhere else.
    files: ['services/registry/src/web/islands/**/*.ts'],
    extends: [tseslint.configs.strictTypeChecked, tseslint.configs.stylisticTypeChecked],
    languageOptions: {
      parserOptions: {
        project: 'services/registry/src/web/islands/tsconfig.json',
        tsconfigRootDir: import.meta.dirname,
      },
    },
    rules: STYLE,
  },
  {
    files: ['packages/workflow/src/**/*.ts', 'packages/engine/src/core/**/*.ts'],
    ignores: ['**/*.test.ts'],
    rules: {
      // These folders are deterministic: the same input gives the same output on every machine, for ever.
      'no-restricted-globals': [
        'error',
        ...ONLY_IN_BROWSERS,
        'process',
        'setTimeout',
        'setInterval',
        'setImmediate',
        'performance',
        'fetch',
        'crypto',
      ],
      'no-restricted-properties': [
        'error',
        { object: 'Date', property: 'now' },
        { object: 'Math', property: 'random' },
      ],
      'no-restricted-imports': [
        'error',
        { patterns: [{ group: ['node:*'], message: 'This folder does no input or output.' }] },
      ],
    },
  },
  {
    // Functions that a test hands to the browser.
    files: ['services/registry/test/web/**/*.ts'],
    rules: { 'no-restricted-globals': 'off' },
  },
  {
    // The configuration files that their tools only read as a default export.
    files: ['vitest.config.ts', '**/*.config.{js,ts,mjs}'],
    rules: { 'no-restricted-syntax': 'off' },
  },
  {
    files: ['**/*.{js,mjs,cjs}'],
    languageOptions: {
      globals: {
        process: 'readonly',
        console: 'readonly',
        URL: 'readonly',
        Buffer: 'readonly',
        performance: 'readonly',
        setTimeout: 'readonly',
        clearTimeout: 'readonly',
        setInterval: 'readonly',
        clearInterval: 'readonly',
        fetch: 'readonly',
        AbortSignal: 'readonly',
        module: 'writable',
        require: 'readonly',
        __dirname: 'readonly',
        __filename: 'readonly',
      },
    },
  },
);
