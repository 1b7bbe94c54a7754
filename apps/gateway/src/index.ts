import { defineService } from '@millrace/service';
import { z } from 'zod';
import { GatewayModule } from './gateway.module.js';
import { routes } from './gateway.http.js';

const config = z.object({});

/** Answers HTTP for people and foreign clients: every public RPC, as its annotation says. It keeps nothing. */
export const gatewayService = defineService<typeof config, object>({
  name: 'gateway',
  config,
  serves: [],
  migrations: {},
  module: () => ({ module: GatewayModule }),
  routes: (http, _, context) => routes(http, context),
});
