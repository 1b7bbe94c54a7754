import type { Home } from '../home/home.js';
import type { World } from '../world/world.js';

/** One case: what it promises is its title; it knows a home by its handles alone. */
export interface Case {
  readonly title: string;
  readonly run: (home: Home, world: World) => Promise<void>;
}

/** Cases by title, in their order. */
export const cases = (table: Readonly<Record<string, Case['run']>>): readonly Case[] => Object.entries(table).map(([title, run]) => ({ title, run }));
