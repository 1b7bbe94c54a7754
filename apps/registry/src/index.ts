import { RegistryServiceDefinition } from '@millrace/contracts/millrace/registry/v1/registry_service';
import { defineService } from '@millrace/service';
import { z } from 'zod';
import { archive } from './archive.js';
import { migrations, type RegistryTables } from './migrations.js';
import { RegistryModule } from './registry.module.js';

const config = z.object({});

/** Keeps experiments, runs, models, versions and the aliases that say which one is in use. */
export const registryService = defineService<typeof config, RegistryTables>({
  name: 'registry',
  config,
  serves: [RegistryServiceDefinition],
  migrations,
  archive,
  module: (context) => RegistryModule.of(context),
});
