import * as schema from '../../api/orp/profile.ts';
import { isoHkt } from '../../domain/calendar/calendar.ts';
import { EVERYONE } from '../../service/access/admission.ts';
import { profile } from '../../service/orp/profile.ts';
import { problems, type RouteOptions, sessionOf } from '../session/admit.ts';
import type { TypedRoutes } from '../typed-routes.ts';

/** Who is logged on, and the platform's names on this market date. */
export async function profileRoutes(app: TypedRoutes, { worldOf }: RouteOptions): Promise<void> {
  app.get(
    '/profile',
    {
      config: { operation: 'enquire', roles: EVERYONE },
      schema: {
        operationId: 'getProfile',
        summary: 'The participant, user and simulation account of this session',
        tags: ['session'],
        response: { 200: schema.Profile, ...problems },
      },
    },
    async (request) => {
      const { user, ...rest } = profile(worldOf(request).context, sessionOf(request));
      return {
        names: worldOf(request).orp.names(),
        ...rest,
        user: { ...user, passwordSetAt: isoHkt(user.passwordSetAt) },
      };
    },
  );
}
