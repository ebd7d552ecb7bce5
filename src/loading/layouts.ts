import { isRefusal } from '../domain/refusal.ts';
import type { ServiceOptions } from '../service/service.ts';
import { assertUploadHeader, INSTRUCTION_SHAPE, TRANSFER_SHAPE } from '../wire/batch-file.ts';
import type { Shape } from '../wire/field-value.ts';
import { compileLayout, type Layout } from '../wire/layout.ts';
import { createRecordReader } from '../wire/record-reader.ts';
import type { Fixtures } from './loading.ts';

/** A layout of the package or the user cannot be used; the message says which, why, and what to do. */
class LayoutRefused extends Error {
  override readonly name = 'LayoutRefused';
}

/** Compiled at the start, so that a bad layout does not surface at the first upload. @throws LayoutRefused */
export function compiledLayouts({
  layouts,
  catalogue,
}: Pick<Fixtures, 'layouts' | 'catalogue'>): ServiceOptions['layouts'] {
  return {
    instructionInput: forUploads(compiled(layouts, 'ZSIUP01'), INSTRUCTION_SHAPE),
    controlReport: compiled(layouts, 'ZSICR01'),
    transferInput: forUploads(compiled(layouts, 'ZATUP01'), TRANSFER_SHAPE),
    transferReport: compiled(layouts, 'ZATCR01'),
    reports: new Map(
      catalogue.flatMap(({ id, layout }) => (layout === undefined ? [] : [[id, compiled(layouts, layout)]])),
    ),
  };
}

function compiled(layouts: Fixtures['layouts'], id: string): Layout {
  const layout = compileLayout(layouts[id]);
  if (isRefusal(layout)) throw new LayoutRefused(layout.detail.en);
  return layout;
}

/** Checks that a layout has the header and row fields that uploads need. */
function forUploads<Row>(layout: Layout, shape: Shape<Row>): Layout {
  try {
    assertUploadHeader(layout);
    createRecordReader(layout, shape);
    return layout;
  } catch (error) {
    const says = error instanceof Error ? error.message : String(error);
    throw new LayoutRefused(
      `${says}. Name the field in the layout file (docs/bring-your-own-layout.md) and start again.`,
    );
  }
}
