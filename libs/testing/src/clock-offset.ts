/** Imported before a process starts: its clock is wrong by CLOCK_OFFSET_MS from then on. */
const offset = Number(process.env['CLOCK_OFFSET_MS'] ?? 0);
const Real = Date;

globalThis.Date = new Proxy(Real, {
  construct: (target, args: unknown[], newTarget) => Reflect.construct(target, args.length === 0 ? [Real.now() + offset] : args, newTarget) as object,
  apply: () => new Date().toString(),
  get: (target, name, receiver) => (name === 'now' ? () => Real.now() + offset : (Reflect.get(target, name, receiver) as unknown)),
});
