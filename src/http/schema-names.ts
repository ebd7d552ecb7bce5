/** The part of an OpenAPI document that is known here. */
export interface OpenApiDocument {
  readonly openapi: string;
  readonly servers: readonly { readonly url: string }[];
  readonly paths: Readonly<Record<string, Readonly<Record<string, object>>>>;
  readonly components: Readonly<Record<string, object>>;
}

type Node = Readonly<Record<string, unknown>>;

/** Members whose values are data, not schemas. */
const DATA = new Set(['example', 'examples', 'default', 'enum', 'const', 'required']);
/** What the generator says of a status that the route says nothing of. */
const UNTOLD = 'Default Response';
const MEANING: Readonly<Record<string, string>> = {
  200: 'The answer',
  201: 'Done; what is new',
  202: 'Taken; it is done later',
  204: 'Done; there is nothing to say',
};
const JSON_TYPES = /^application\/(problem\+)?json$/;

/**
 * Moves every schema that has a title to `components.schemas`, under that name, and leaves a reference. A request or an answer
 * without a title is named after its operation. HEAD gets an operation ID of its own and answers without content. Throws if two
 * different schemas have one name: our bug.
 */
export function nameSchemas(document: OpenApiDocument): OpenApiDocument {
  const schemas = new Map<string, Node>();

  function reference(name: string, schema: Node): Node {
    const known = schemas.get(name);
    if (known && JSON.stringify(known) !== JSON.stringify(schema)) throw new Error(`two schemas are named ${name}`);
    schemas.set(name, schema);
    return { $ref: `#/components/schemas/${name}` };
  }

  function named(value: unknown): unknown {
    if (Array.isArray(value)) return value.map(named);
    if (!isNode(value)) return value;
    const members = Object.entries(value).map(([name, member]) => [name, DATA.has(name) ? member : named(member)]);
    const { title, ...schema }: Node = withMapping(Object.fromEntries(members));
    return typeof title === 'string'
      ? reference(pascal(title), schema)
      : { ...schema, ...(title !== undefined && { title }) };
  }

  /** OpenAPI takes a discriminator's values for names of schemas, unless a mapping says which is which. */
  function withMapping(schema: Node): Node {
    const { discriminator, oneOf } = schema;
    if (!isNode(discriminator) || !Array.isArray(oneOf)) return schema;
    const property = String(discriminator.propertyName);
    const mapping = oneOf.map(({ $ref }: Node) => {
      const { properties } = schemas.get(String($ref).split('/').at(-1) ?? '') ?? {};
      return [((properties as Node)[property] as Node).const, $ref];
    });
    return { ...schema, discriminator: { ...discriminator, mapping: Object.fromEntries(mapping) } };
  }

  function ofOperation(operation: Node, isHead: boolean): Node {
    const { operationId: id, requestBody, responses, ...rest } = named(operation) as Node;
    const operationId = isHead ? `${id}Head` : id;
    const name = pascal(String(operationId));
    return {
      ...{ operationId, ...rest },
      ...(isNode(requestBody) && { requestBody: ofContent(requestBody, `${name}Request`) }),
      responses: Object.fromEntries(
        Object.entries(responses as Node).map(([status, answer]) => {
          const { content, ...told } = answer as Node;
          const described = { ...told, description: told.description === UNTOLD ? MEANING[status] : told.description };
          return [status, isHead || !content ? described : ofContent({ ...described, content }, `${name}Answer`)];
        }),
      ),
    };
  }

  /** Tools look for an example beside the schema, not in it. */
  function ofContent(body: Node, name: string): Node {
    if (!isNode(body.content)) return body;
    const content = Object.entries(body.content).map(([type, media]) => {
      const { schema, ...rest } = media as Node;
      if (!isNode(schema) || !JSON_TYPES.test(type)) return [type, media];
      const plain = schema.$ref === undefined && schema.type === 'object';
      const [example] =
        ((schemas.get(String(schema.$ref).split('/').at(-1) ?? '') ?? schema).examples as unknown[]) ?? [];
      return [
        type,
        { schema: plain ? reference(name, schema) : schema, ...rest, ...(example !== undefined && { example }) },
      ];
    });
    return { ...body, content: Object.fromEntries(content) };
  }

  const paths = Object.entries(document.paths).map(([path, operations]) => [
    path,
    Object.fromEntries(
      Object.entries(operations).map(([method, operation]) => [
        method,
        ofOperation(operation as Node, method === 'head'),
      ]),
    ),
  ]);
  const inOrder = [...schemas].toSorted(([a], [b]) => (a < b ? -1 : 1));
  return {
    ...document,
    paths: Object.fromEntries(paths),
    components: { ...document.components, schemas: Object.fromEntries(inOrder) },
  };
}

/** `tls-refused` is `TlsRefused`. */
const pascal = (name: string) =>
  name.replace(/(?:^|[^A-Za-z0-9]+)([A-Za-z0-9])/g, (_, first: string) => first.toUpperCase());

const isNode = (value: unknown): value is Node => typeof value === 'object' && value !== null && !Array.isArray(value);
