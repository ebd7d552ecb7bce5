import type { Shape } from '../../src/domain/journal/shape.ts';

/** The type of a member as docs/journal.md writes it. */
function typeText(shape: Shape<unknown>): string {
  const { anyOf, enum: values, properties, items, type } = shape;
  if (anyOf) return anyOf.map(typeText).join(' or ');
  if (values) return values.length > 20 ? 'code' : values.map((value) => `\`${value}\``).join(' ');
  if (properties) {
    const names = Object.keys(properties);
    return names.join() === 'en,zh' ? 'words' : 'object';
  }
  if (items) return `list of ${typeText(items)}`;
  if (type === 'object') return 'counts by name';
  if (type === 'boolean') return '`true` `false`';
  return type === 'string' ? 'text' : (type ?? '');
}

/** Rows of the table of an object's members; the members of objects within follow with their path. */
export function memberRows({ properties = {}, required = [] }: Shape<unknown>, path = ''): string[] {
  return Object.entries(properties).flatMap(([name, shape]) => {
    const within = shape.items ?? shape;
    const isObject = within.properties !== undefined && typeText(within) === 'object';
    const row = `| \`${path}${name}\`${required.includes(name) ? '' : ' ?'} | ${typeText(shape)} | ${shape.description ?? ''} |`;
    return [row, ...(isObject ? memberRows(within, `${path}${name}.`) : [])];
  });
}
