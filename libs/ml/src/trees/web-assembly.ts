/** The part of WebAssembly's JavaScript API that is used here; only the browser's type library declares it, which servers compile without. */
interface Api {
  readonly Memory: new (size: { initial: number; maximum: number; shared: true }) => WasmMemory;
  readonly Module: new (bytes: Uint8Array<ArrayBuffer>) => WasmModule;
  readonly Instance: new (module: WasmModule, imports: Record<string, Record<string, unknown>>) => { readonly exports: object };
}

/** A shared linear memory. */
export interface WasmMemory {
  readonly buffer: SharedArrayBuffer;
}

/** Compiled code, which may be sent to workers. */
export interface WasmModule {
  readonly [Symbol.toStringTag]: string;
}

export const WebAssembly = (globalThis as unknown as { readonly WebAssembly: Api }).WebAssembly;
