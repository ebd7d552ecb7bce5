type Plain = Readonly<Record<string, unknown>>;

/**
 * A deep copy of plain JSON, so that nobody changes what was noted. Members that are undefined are left out, as in
 * JSON. Throws a TypeError that names the place of anything else: it would read back as something different.
 */
export function plainCopy(value: Plain, place: string): Plain {
  const copy: Record<string, unknown> = {};
  for (const name of Object.keys(value)) {
    const member = value[name];
    if (member !== undefined) copy[name] = copyOf(member, place, name);
  }
  return copy;
}

function copyOf(value: unknown, place: string, name: string | number): unknown {
  if (value === null || typeof value === 'string' || typeof value === 'boolean' || Number.isFinite(value)) return value;
  const here = `${place}.${name}`;
  if (Array.isArray(value)) return value.map((member, index) => copyOf(member, here, index));
  if (isPlain(value)) return plainCopy(value, here);
  throw new TypeError(`${here} is no plain JSON: ${typeof value === 'object' ? 'an instance' : `a ${typeof value}`}`);
}

function isPlain(value: unknown): value is Plain {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
