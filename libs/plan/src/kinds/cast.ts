import { z } from 'zod';
import { defineColumnwiseKind, NUMBERS } from '../kind.js';

const options = z.strictObject({});

/** Flags and integers as FLOAT64: the nearest double, 0 and 1. */
export const cast = defineColumnwiseKind<z.infer<typeof options>, object>({
  name: 'cast',
  role: 'transform',
  accepts: NUMBERS,
  options,
  schema: ({ name, nullable }) => [{ name, type: 'FLOAT64', nullable }],
  readsRows: () => false,
  fit: async ({ columns }) => columns.map(() => ({})),
  lower: (_, __, column) => [[column]],
});
