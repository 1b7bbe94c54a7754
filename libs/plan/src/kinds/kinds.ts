import type { KindTable } from '../kind.js';
import { bin } from './bin.js';
import { cast } from './cast.js';
import { clip } from './clip.js';
import { concat } from './concat.js';
import { dateparts } from './dateparts.js';
import { dropcorrelated } from './dropcorrelated.js';
import { dropmissing } from './dropmissing.js';
import { droprows } from './droprows.js';
import { expr } from './expr.js';
import { expression } from './expression.js';
import { frequency } from './frequency.js';
import { hash } from './hash.js';
import { impute } from './impute.js';
import { isolation } from './isolation.js';
import { log } from './log.js';
import { log1p } from './log1p.js';
import { minmax } from './minmax.js';
import { onehot } from './onehot.js';
import { ordinal } from './ordinal.js';
import { outliers } from './outliers.js';
import { pca } from './pca.js';
import { quantile } from './quantile.js';
import { resample } from './resample.js';
import { robust } from './robust.js';
import { sample } from './sample.js';
import { select } from './select.js';
import { smooth } from './smooth.js';
import { split } from './split.js';
import { standard } from './standard.js';
import { target } from './target.js';

/** Every kind of step; the next one is one file and one line here. */
export const KINDS: KindTable = {
  bin,
  cast,
  clip,
  concat,
  dateparts,
  dropcorrelated,
  dropmissing,
  droprows,
  expr,
  expression,
  frequency,
  hash,
  impute,
  isolation,
  log,
  log1p,
  minmax,
  onehot,
  ordinal,
  outliers,
  pca,
  quantile,
  resample,
  robust,
  sample,
  select,
  smooth,
  split,
  standard,
  target,
};
