import js from '@eslint/js';
import boundaries from 'eslint-plugin-boundaries';
import jsxA11y from 'eslint-plugin-jsx-a11y';
import reactHooks from 'eslint-plugin-react-hooks';
import globals from 'globals';
import tseslint from 'typescript-eslint';

// Each room and the rooms that it may import. A feature sees its own folder and no other feature's.
const rooms = {
  app: ['app', 'feature', 'components', 'lib', 'locales'],
  feature: ['components', 'lib', 'locales'],
  components: ['components', 'lib', 'locales'],
  lib: ['lib', 'locales'],
  locales: ['locales'],
};

export default tseslint.config(
  { ignores: ['dist/', 'node_modules/', 'src/lib/api/schema.d.ts'] },
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },
  js.configs.recommended,
  {
    files: ['**/*.{ts,tsx}'],
    extends: [tseslint.configs.strictTypeChecked, tseslint.configs.stylisticTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      // A number in a template string is what a person reads.
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      // TanStack Router's `redirect` and `notFound` are thrown.
      '@typescript-eslint/only-throw-error': 'off',
    },
  },
  {
    files: ['src/**/*.{ts,tsx}'],
    extends: [jsxA11y.flatConfigs.strict],
    plugins: { 'react-hooks': reactHooks, boundaries },
    languageOptions: { globals: globals.browser },
    settings: {
      'import/resolver': { typescript: { project: 'tsconfig.json' } },
      'boundaries/elements': [
        { type: 'app', pattern: 'src/app' },
        { type: 'feature', pattern: 'src/features/*', capture: ['feature'] },
        { type: 'components', pattern: 'src/components' },
        { type: 'lib', pattern: 'src/lib' },
        { type: 'locales', pattern: 'src/locales' },
      ],
    },
    rules: {
      ...reactHooks.configs['recommended-latest'].rules,
      'max-lines': ['error', { max: 400, skipBlankLines: true, skipComments: true }],
      'no-console': 'error',
      'no-eval': 'error',
      'boundaries/dependencies': [
        'error',
        {
          default: 'disallow',
          policies: [
            ...Object.entries(rooms).map(([from, to]) => ({
              from: { element: { type: from } },
              allow: { to: { element: { types: { anyOf: to } } } },
            })),
            {
              from: { element: { type: 'feature' } },
              allow: {
                to: { element: { type: 'feature', captured: { feature: '{{ from.element.captured.feature }}' } } },
              },
            },
            { allow: { to: { module: { origin: ['external', 'core'] } } } },
          ],
        },
      ],
      'no-restricted-syntax': [
        'error',
        {
          selector: 'JSXText[value=/[\\p{L}]{2}/u]',
          message: 'Words that people read belong in src/locales.',
        },
        {
          selector:
            'JSXAttribute[name.name=/^(aria-label|aria-description|title|placeholder|label|description|alt)$/] > Literal[value=/\\p{L}{2}/u]',
          message: 'Words that people read belong in src/locales.',
        },
        {
          selector:
            'JSXElement > JSXExpressionContainer > Literal[value=/\\p{L}{2}/u], JSXElement > JSXExpressionContainer > ConditionalExpression > Literal[value=/\\p{L}{2}/u]',
          message: 'Words that people read belong in src/locales.',
        },
        {
          selector: 'JSXAttribute[name.name="dangerouslySetInnerHTML"]',
          message:
            'No markup from strings: what comes from a run must stay text. Show rich output in a sandboxed frame.',
        },
        {
          selector: 'AssignmentExpression > MemberExpression.left[property.name=/^(innerHTML|outerHTML|srcdoc)$/]',
          message:
            'No markup from strings: what comes from a run must stay text. Show rich output in a sandboxed frame.',
        },
      ],
    },
  },
  {
    files: ['src/**/*.test.{ts,tsx}', 'tests/**'],
    rules: { 'no-restricted-syntax': 'off', 'max-lines': 'off' },
  },
  {
    // Seen by developers alone, in the development server.
    files: ['src/app/gallery/**', 'src/**/*.specimens.tsx', 'src/lib/specimens/**'],
    rules: { 'no-restricted-syntax': 'off', 'jsx-a11y/anchor-is-valid': 'off' },
  },
  {
    files: ['src/**/*.js'],
    languageOptions: { globals: globals.browser },
  },
  {
    files: ['*.{js,ts}', 'scripts/**', 'tests/**'],
    languageOptions: { globals: globals.node },
  },
  {
    // Functions that are handed over to the page run there.
    files: ['scripts/**'],
    languageOptions: { globals: globals.browser },
  },
);
