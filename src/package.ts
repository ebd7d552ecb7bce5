import { readFileSync } from 'node:fs';
import { findPackageJSON } from 'node:module';
import { dirname } from 'node:path';

/** This package's package.json, found from src/ (with subfolders) and from dist/ (without). */
const file = findPackageJSON('.', import.meta.url) ?? '';

export const PACKAGE = dirname(file);
export const { version: VERSION } = JSON.parse(readFileSync(file, 'utf8')) as { readonly version: string };
