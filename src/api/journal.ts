import {
  JOURNAL_DETAILS,
  JOURNAL_HEAD,
  JOURNAL_KINDS,
  type JournalEntry,
  type JournalKind,
} from '../domain/journal/journal.ts';
import Type from './schema-builder.ts';

/** One journal entry: the head's members, and by `kind` its details. From the same description as the types. */
export const journalEntry = Type.Unsafe<JournalEntry>({
  type: 'object',
  description: 'One entry of the journal; docs/journal.md has each kind with an example',
  discriminator: { propertyName: 'kind' },
  properties: { kind: { type: 'string', enum: JOURNAL_KINDS } },
  required: ['kind'],
  oneOf: JOURNAL_KINDS.map(entryOf),
});

function entryOf(kind: JournalKind) {
  const { properties, required } = JOURNAL_HEAD;
  return {
    type: 'object',
    title: kind,
    properties: { ...properties, kind: { type: 'string', const: kind }, detail: JOURNAL_DETAILS[kind] },
    required: [...required, 'kind', 'detail'],
    additionalProperties: false,
  };
}
