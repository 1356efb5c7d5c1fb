import { parserOf } from './language';

const DEFINING = new Set(['AssignStatement', 'UpdateStatement', 'ForStatement', 'WithStatement', 'NamedExpression']);
// What may stand between a name and the sign that assigns to it.
const BETWEEN = new Set([',', '(', ')', 'VariableName', 'TupleExpression', 'ArrayExpression']);
const MOST_CODE = 200_000;

/** The names that Python code defines at its top or within: assigned, imported, functions, classes. */
export function pythonNames(code: string): Set<string> {
  const names = new Set<string>();
  if (code.length > MOST_CODE) return names;
  const cursor = parserOf('python').parse(code).cursor();
  let inImport = 0;
  cursor.iterate(
    ({ name, from, to, node }) => {
      if (name === 'ImportStatement') inImport += 1;
      if (name !== 'VariableName') return;
      const text = code.slice(from, to);
      const parent = node.parent?.name ?? '';
      if (inImport) {
        // `import a.b as c` binds c; `from m import a as b` binds b. Those before are names too, and do no harm.
        names.add(text);
      } else if (parent === 'FunctionDefinition' || parent === 'ClassDefinition' || isTarget(code, node, parent)) {
        names.add(text);
      }
    },
    ({ name }) => {
      if (name === 'ImportStatement') inImport -= 1;
    },
  );
  return names;
}

interface TreeNode {
  from: number;
  to: number;
  name: string;
  parent: TreeNode | null;
  nextSibling: TreeNode | null;
}

function isTarget(code: string, node: TreeNode, parent: string): boolean {
  let at: TreeNode = node;
  while (at.parent && (at.parent.name === 'TupleExpression' || at.parent.name === 'ArrayExpression')) at = at.parent;
  const statement = at.parent?.name ?? parent;
  if (!DEFINING.has(statement)) return false;
  for (let next = at.nextSibling; next; next = next.nextSibling) {
    if (next.name === 'AssignOp' || next.name === 'UpdateOp' || next.name === 'TypeDef') return true;
    if (next.name === 'in') return true;
    if (!BETWEEN.has(next.name)) break;
  }
  // `with open(p) as f`: what stands after `as`.
  return statement === 'WithStatement' && /\bas\s+$/.test(code.slice(Math.max(0, at.from - 8), at.from));
}

/** Text in brackets and quotes that names a column: `df["amount"]`, `df['a']`. */
export function subscripts(code: string): Set<string> {
  const found = new Set<string>();
  for (const match of code.slice(0, MOST_CODE).matchAll(/\[\s*(["'])((?:(?!\1)[^\\\n]){1,100})\1\s*\]/g)) {
    if (match[2]) found.add(match[2]);
  }
  return found;
}

/** The tables and views that SQL creates. */
export function sqlNames(code: string): Set<string> {
  const found = new Set<string>();
  const creating =
    /\bcreate\s+(?:or\s+replace\s+)?(?:temp(?:orary)?\s+)?(?:table|view)\s+(?:if\s+not\s+exists\s+)?(?:"([^"\n]{1,100})"|(\w+))/gi;
  for (const match of code.slice(0, MOST_CODE).matchAll(creating)) found.add(match[1] ?? match[2] ?? '');
  return found;
}
