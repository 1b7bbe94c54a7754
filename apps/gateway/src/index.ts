import { defineService } from '@millrace/service';
import { z } from 'zod';
import { GatewayModule } from './gateway.module.js';
import { routes } from './gateway.http.js';

const config = z.object({
  MILLRACE_STREAMS_MAX: z.coerce.number().int().min(1).max(100_000).default(1_024).describe('Streams of server-sent events that one process keeps open; further ones are refused.'),
});

/** Answers HTTP for people and foreign clients: every public RPC, as its annotation says. It keeps nothing. */
export const gatewayService = defineService<typeof config, object>({
  name: 'gateway',
  config,
  serves: [],
  migrations: {},
  module: () => ({ module: GatewayModule }),
  routes: (http, _, context) => routes(http, context, { streams: context.config.MILLRACE_STREAMS_MAX }),
});
