import { spawn } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { documentText, REPOSITORY } from '../support/doc-tables.ts';

interface Block {
  readonly language: string;
  /** A path, or what else stands after the language. */
  readonly about: string;
  readonly text: string;
}

const blocks: readonly Block[] = [
  ...documentText('docs/adding-a-report.md').matchAll(/^```(\w+) ?(.*)\n([\s\S]*?)^```$/gm),
].map(([, language = '', about = '', text = '']) => ({ language, about, text }));

/** Lines with a blank stand in the file, `-` goes, `+` comes in its place or after the line before; ` ...` leaves some out. */
function edited(content: string, diff: string): string {
  const lines = content.split('\n');
  let at = -1;
  for (const change of diff.trimEnd().split('\n')) {
    const line = change.slice(1);
    if (change.startsWith('+')) lines.splice(++at, 0, line);
    else if (line !== '...') {
      const found = lines.indexOf(line, at + 1);
      if (found === -1) throw new Error(`the document edits a line that is not there: ${line}`);
      at = found;
      if (change.startsWith('-')) lines.splice(at--, 1);
    }
  }
  return lines.join('\n');
}

function shell(command: string, cwd: string): Promise<{ readonly code: number | null; readonly said: string }> {
  const path = [join(REPOSITORY, 'node_modules', '.bin'), process.env.PATH].join(delimiter);
  return new Promise((resolve, reject) => {
    const child = spawn('sh', ['-c', command], { cwd, env: { ...process.env, PATH: path } });
    let said = '';
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text) => (said += text));
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, said }));
  });
}

test('docs/adding-a-report.md, followed to the letter in a copy of the sources', async () => {
  const home = await mkdtemp(join(tmpdir(), 'adding-a-report-'));
  try {
    for (const name of ['src', 'fixtures', 'package.json']) {
      await cp(join(REPOSITORY, name), join(home, name), { recursive: true });
    }
    await symlink(join(REPOSITORY, 'node_modules'), join(home, 'node_modules'));
    let said = '';
    for (const { language, about, text } of blocks) {
      const path = join(home, about);
      if (language === 'sh') {
        const answer = await shell(text, home);
        said = answer.said;
        expect(answer.code === 0, `${text}${said}`).toBe(about !== 'fails');
      } else if (language === 'console') {
        for (const line of text.trimEnd().split('\n')) expect(said).toContain(line.trim());
      } else if (language === 'diff') {
        await writeFile(path, edited(await readFile(path, 'utf8'), text));
      } else {
        await mkdir(dirname(path), { recursive: true });
        await writeFile(path, text);
      }
    }
    expect(blocks.filter(({ language }) => language === 'sh')).toHaveLength(4);
  } finally {
    await rm(home, { recursive: true, force: true });
  }
});
