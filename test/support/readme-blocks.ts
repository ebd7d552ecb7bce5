/** The fenced blocks of a Markdown file, in order. */
export interface Block {
  readonly language: string;
  readonly text: string;
  /** Line of the opening fence, from 1. */
  readonly line: number;
  /** The `## heading` above it. */
  readonly heading: string;
  /** The text between the previous block and this one. */
  readonly before: string;
  /** First line of the text, by which tests name a block. */
  readonly first: string;
}

export function blocksOf(markdown: string): Block[] {
  const blocks: Block[] = [];
  let heading = '';
  let before: string[] = [];
  let open: { language: string; line: number; text: string[] } | null = null;
  for (const [index, row] of markdown.split('\n').entries()) {
    const fence = /^```(\w*)/.exec(row);
    if (open && fence) {
      const { language, line, text } = open;
      blocks.push({ language, line, heading, text: text.join('\n'), before: before.join('\n'), first: text[0] ?? '' });
      before = [];
      open = null;
    } else if (open) open.text.push(row);
    else if (fence) open = { language: fence[1] ?? '', line: index + 1, text: [] };
    else {
      heading = /^## (.*)/.exec(row)?.[1] ?? heading;
      before.push(row);
    }
  }
  if (open) throw new Error(`the block of line ${open.line} has no end`);
  return blocks;
}

/** The commands of a shell block, a line each; `\` at the end of a line continues it. */
export function commandsOf(block: Block): string[] {
  const rows = block.text.replaceAll('\\\n', '').split('\n');
  return rows.map((row) => row.replace(/\s+#\s.*$/, '').trim()).filter((row) => row !== '' && !row.startsWith('#'));
}

/** A file of the user's project: what a `ts` block holds, or what a `diff` block makes of it. */
export interface ProjectFile {
  readonly name: string;
  readonly text: string;
}

/**
 * The file that each `ts` and `diff` block leaves. The text before a block names it in backticks; a `diff` without a name
 * changes the file before it.
 * @throws Error where a file has no name, or does not hold once what a diff replaces
 */
export function projectFilesOf(blocks: readonly Block[]): ReadonlyMap<Block, ProjectFile> {
  const left = new Map<Block, ProjectFile>();
  const files = new Map<string, string>();
  let name: string | undefined;
  for (const block of blocks) {
    if (block.language !== 'ts' && block.language !== 'diff') continue;
    name =
      [...block.before.matchAll(/`([\w.-]+\.m?ts)`/g)].at(-1)?.[1] ?? (block.language === 'diff' ? name : undefined);
    if (!name) throw new Error(`line ${block.line}: the text before the block names no file`);
    const text = block.language === 'ts' ? block.text : patched(files.get(name) ?? '', block);
    files.set(name, text);
    left.set(block, { name, text });
  }
  return left;
}

function patched(text: string, { text: diff, line }: Block): string {
  const rows = (sign: string) =>
    diff
      .split('\n')
      .filter((row) => row.startsWith(sign))
      .map((row) => row.slice(1))
      .join('\n');
  if (text.split(rows('-')).length !== 2)
    throw new Error(`line ${line}: the file does not hold once what the diff replaces`);
  return text.replace(rows('-'), () => rows('+'));
}

/** Whether an output is what a document shows of it: blanks count as one, `...` stands for any text, alone for any lines. */
export function looksLike(shown: string, output: string): boolean {
  const plain = (text: string) => text.replace(/[ \t]+/g, ' ').trim();
  const escaped = (text: string) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  const pattern = shown
    .split('\n')
    .map((row) => (row.trim() === '...' ? '(?:.*\\n)*?' : `${plain(row).split('...').map(escaped).join('.*')}\\n`))
    .join('');
  const told = output.split('\n').map(plain).join('\n').trim();
  return new RegExp(`^${pattern}$`).test(`${told}\n`);
}
