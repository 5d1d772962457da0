import helmet from '@fastify/helmet';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { AppConfig } from '../config/app-config.js';
import { corsFor } from './origins.js';
import { securityHeaders } from './security-headers.js';

/** What every answer carries for browsers, by configuration. Before the application listens. */
export async function openEdge(app: NestFastifyApplication, config: AppConfig): Promise<void> {
  await app.register(helmet, securityHeaders(config.publicUrl));
  if (config.corsOrigins.length > 0) app.enableCors({ delegator: corsFor(config.corsOrigins) });
}
