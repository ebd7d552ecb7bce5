import ts from 'typescript';

/** The title of one test or group in a test file. */
export interface TestTitle {
  /**
   * As Vitest prints it, as far as the file determines it: `…` is text that is computed at run time, and placeholders
   * of a table from elsewhere are left as they are (`$code`).
   */
  readonly title: string;
  /** How many groups it is nested in. */
  readonly depth: number;
}

export interface TitledFile {
  readonly titles: readonly TestTitle[];
  /** The file without its titles and comments: what its tests do and expect. */
  readonly rest: string;
}

const RUNNERS = new Set(['test', 'it', 'describe', 'suite']);
/** Members of a runner that take something other than a title: `test.each(table)('title', ...)`. */
const TAKE_NO_TITLE = new Set(['each', 'for', 'skipIf', 'runIf', 'extend']);
const VARIANTS = new Set([...TAKE_NO_TITLE, 'only', 'skip', 'todo', 'fails', 'concurrent', 'sequential', 'shuffle']);
const COMPUTED = '…';

/** Reads the titles of a test file from its source; a table in the file gives one title for each row. */
export function titlesOf(source: string): TitledFile {
  const file = ts.createSourceFile('x.ts', source, ts.ScriptTarget.Latest, true);
  const titles: TestTitle[] = [];
  const titleNodes = new Set<ts.Node>();
  const words: string[] = [];
  const visit = (node: ts.Node, depth: number): void => {
    const title = titleNode(node);
    if (title) {
      titleNodes.add(title);
      for (const each of rendered(title, tableOf(node, file))) titles.push({ title: each, depth });
    }
    if (titleNodes.has(node)) return;
    if (node.getChildCount() === 0) words.push(node.getText());
    else for (const child of node.getChildren()) if (!ts.isJSDoc(child)) visit(child, depth + (title ? 1 : 0));
  };
  visit(file, 0);
  return { titles, rest: words.join(' ') };
}

/** The first argument of a call that declares a test or a group; undefined for every other node. */
function titleNode(node: ts.Node): ts.Expression | undefined {
  if (!ts.isCallExpression(node) || !isRunner(node.expression)) return undefined;
  const { expression } = node;
  if (ts.isPropertyAccessExpression(expression) && TAKE_NO_TITLE.has(expression.name.text)) return undefined;
  return node.arguments[0];
}

/** Whether it is `test`, or a chain on it such as `test.concurrent.each(table)`; not the member of some variable `it`. */
function isRunner(expression: ts.Expression): boolean {
  if (ts.isIdentifier(expression)) return RUNNERS.has(expression.text);
  if (ts.isPropertyAccessExpression(expression))
    return VARIANTS.has(expression.name.text) && isRunner(expression.expression);
  if (ts.isCallExpression(expression)) return isRunner(expression.expression);
  return ts.isTaggedTemplateExpression(expression) && isRunner(expression.tag);
}

/** The rows of `.each([...])` or `.for([...])`, if they are in this file, there or in a constant. */
function tableOf(call: ts.Node, file: ts.SourceFile): readonly ts.Expression[] | undefined {
  if (!ts.isCallExpression(call) || !ts.isCallExpression(call.expression)) return undefined;
  const given = bare(call.expression.arguments[0]);
  const table = given && ts.isIdentifier(given) ? bare(constant(given.text, file)) : given;
  if (!table || !ts.isArrayLiteralExpression(table)) return undefined;
  return table.elements.some(ts.isSpreadElement) ? undefined : table.elements;
}

/** The value of a name, if it is declared once in the file. */
function constant(name: string, file: ts.SourceFile): ts.Expression | undefined {
  const found: (ts.Expression | undefined)[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isVariableDeclaration(node) && node.name.getText() === name) found.push(node.initializer);
    ts.forEachChild(node, visit);
  };
  visit(file);
  return found.length === 1 ? found[0] : undefined;
}

/** The expression without `as const` and brackets. */
function bare(expression: ts.Expression | undefined): ts.Expression | undefined {
  if (!expression) return undefined;
  const wrapped = ts.isAsExpression(expression) || ts.isSatisfiesExpression(expression);
  return wrapped || ts.isParenthesizedExpression(expression) ? bare(expression.expression) : expression;
}

function rendered(title: ts.Expression, rows: readonly ts.Expression[] | undefined): string[] {
  const text = textOf(title);
  if (!rows) return [text];
  return rows.map((row) => {
    const value = bare(row);
    const cells = value && ts.isArrayLiteralExpression(value) ? [...value.elements] : [row];
    return text
      .replace(/%[sdifjoc]/g, () => textOf(cells.shift()))
      .replace(/\$(\w+)[\w.]*/g, (_, name: string) => textOf(member(value, name)));
  });
}

/** The value of `name` in a row `{ name: value }`. */
function member(row: ts.Expression | undefined, name: string): ts.Expression | undefined {
  if (!row || !ts.isObjectLiteralExpression(row)) return undefined;
  for (const each of row.properties)
    if (ts.isPropertyAssignment(each) && each.name.getText() === name) return each.initializer;
  return undefined;
}

/** The text of a literal, template literals included; `…` for values that are known only at run time. */
function textOf(expression: ts.Expression | undefined): string {
  const value = bare(expression);
  if (!value) return COMPUTED;
  if (ts.isStringLiteralLike(value) || ts.isNumericLiteral(value)) return value.text;
  if (!ts.isTemplateExpression(value)) return COMPUTED;
  return value.head.text + value.templateSpans.map(({ literal }) => `${COMPUTED}${literal.text}`).join('');
}
