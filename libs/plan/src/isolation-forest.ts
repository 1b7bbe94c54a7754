import { seededRandom } from '@millrace/core';
import type { Tree } from './expression.js';
import { FOREST_STEP } from './ir.js';

const EULER = 0.577_215_664_901_532_9;

export interface ForestShape {
  readonly trees: number;
  /** Rows that each tree sees. */
  readonly sample: number;
  readonly seed: number;
}

/**
 * Isolation trees over rows without missing values (Liu, Ting and Zhou 2008): each sees some of the rows and cuts them apart by random thresholds, until each is alone
 * or the tree is as high as an average one. A leaf holds how long the way to it is, with what a tree over its rows would still add. Equal rows in equal order give equal trees.
 */
export function growForest(rows: readonly (readonly number[])[], { trees, sample, seed }: ForestShape): readonly Tree[] {
  const random = seededRandom(seed);
  const size = Math.min(sample, rows.length);
  return Array.from({ length: trees }, () => growTree(drawn(rows, size, random), { limit: Math.ceil(Math.log2(Math.max(2, size))), random }));
}

/** How long the way to a row of a binary search tree over so many rows is on average. */
export function averagePath(rows: number): number {
  if (rows <= 1) return 0;
  return rows === 2 ? 1 : 2 * (Math.log(rows - 1) + EULER) - (2 * (rows - 1)) / rows;
}

type Rows = readonly (readonly number[])[];

interface Growth {
  readonly limit: number;
  readonly random: () => number;
}

function growTree(all: Rows, { limit, random }: Growth): Tree {
  const tree = { feature: [] as number[], threshold: [] as number[], yes: [] as number[], no: [] as number[] };
  const grow = (rows: Rows, depth: number): number => {
    const place = tree.feature.push(-1) - 1;
    tree.threshold.push(onGrid(depth + averagePath(rows.length)));
    tree.yes.push(0);
    tree.no.push(0);
    const cut = depth < limit && rows.length > 1 ? cutOf(rows, random) : undefined;
    if (!cut) return place;
    tree.feature[place] = cut.feature;
    tree.threshold[place] = cut.threshold;
    const below = (row: readonly number[]) => (row[cut.feature] ?? 0) < cut.threshold;
    tree.yes[place] = grow(rows.filter(below), depth + 1);
    tree.no[place] = grow(rows.filter((row) => !below(row)), depth + 1);
    return place;
  };
  grow(all, 0);
  return tree;
}

/** A threshold between the smallest and the largest value of one of the columns that have two; none where all rows are equal. */
function cutOf(rows: Rows, random: () => number): { readonly feature: number; readonly threshold: number } | undefined {
  const ranges = (rows[0] ?? []).map((_, feature) => {
    let [low, high] = [Infinity, -Infinity];
    for (const row of rows) [low, high] = [Math.min(low, row[feature] ?? 0), Math.max(high, row[feature] ?? 0)];
    return { feature, low, high };
  }).filter(({ low, high }) => low < high);
  const range = ranges[Math.floor(random() * ranges.length)];
  if (!range) return undefined;
  const { feature, low, high } = range;
  const share = random();
  const between = low * (1 - share) + high * share;
  // Some row must lie below.
  return { feature, threshold: between > low && between <= high ? between : high };
}

/** Some of the rows, none twice (Fisher and Yates). */
function drawn(rows: Rows, size: number, random: () => number): Rows {
  const places = Array.from(rows.keys());
  for (let i = 0; i < size; i++) {
    const other = i + Math.floor(random() * (places.length - i));
    [places[i], places[other]] = [places[other] ?? 0, places[i] ?? 0];
  }
  return places.slice(0, size).map((place) => rows[place] ?? []);
}

const onGrid = (length: number) => Math.round(length / FOREST_STEP) * FOREST_STEP;
