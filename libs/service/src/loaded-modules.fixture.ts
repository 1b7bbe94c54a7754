import { registerHooks } from 'node:module';

/** Preloaded into a process: tells on standard output every package of OpenTelemetry that it loads. */
const told = new Set<string>();
registerHooks({
  load(url, context, next) {
    const [, name] = /node_modules\/(@opentelemetry\/[^/]+)/.exec(url) ?? [];
    if (name !== undefined && !told.has(name)) {
      told.add(name);
      process.stdout.write(`loaded ${name}\n`);
    }
    return next(url, context);
  },
});
