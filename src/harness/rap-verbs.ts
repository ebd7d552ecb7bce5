import type { Control } from '../control/control.ts';
import { parseInstant } from '../domain/calendar/calendar.ts';
import { isRefusal } from '../domain/refusal.ts';
import { notATime, unknownReceiver } from './control-refusals.ts';
import { afterRuns, booksOf, type ControlTarget, serviceOf } from './control-target.ts';

/** The verbs of Control about RAP: keys and files. */
export function rapVerbs(
  target: ControlTarget,
): Pick<
  Control,
  'rapKeys' | 'addRapKey' | 'withdrawRapKey' | 'rapFiles' | 'publishRapPackage' | 'publishRapCsv' | 'withdrawRapPackage'
> {
  const service = () => serviceOf(target);
  const publish: Control['publishRapCsv'] = async (request) => {
    // Due runs first: they would replace the package.
    const { rap } = await afterRuns(target);
    const files = await rap.publishPackage({ ...request, mostBytes: target.rapCsvBytes });
    return isRefusal(files) ? files : { files };
  };
  return {
    rapKeys: async ({ participant }) =>
      unknownReceiver(booksOf(target), participant) ?? { keys: service().rap.keys(participant) },
    async addRapKey({ from, until, ...key }) {
      const [start, end] = [from, until].map((text) => (text === undefined ? undefined : parseInstant(text)));
      if (start === null) return notATime(from ?? '');
      if (end === null) return notATime(until ?? '');
      return service().rap.addKey({ ...key, ...(start === undefined ? {} : { from: start }), until: end ?? null });
    },
    withdrawRapKey: (key) => service().rap.withdrawKey(key),
    rapFiles: async ({ participant }) =>
      unknownReceiver(booksOf(target), participant) ?? { files: (await afterRuns(target)).rap.files(participant) },
    publishRapPackage: ({ content, ...place }) => publish({ ...place, csv: [Buffer.from(content, 'base64')] }),
    publishRapCsv: publish,
    withdrawRapPackage: (place) => service().rap.withdrawPackage(place),
  };
}
