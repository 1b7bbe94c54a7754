import { resourceName } from '@millrace/core';

export const experimentName = resourceName('experiments/{experiment}');
export const runName = resourceName('experiments/{experiment}/runs/{run}');
export const modelName = resourceName('models/{model}');
export const modelVersionName = resourceName('models/{model}/versions/{version}');
export const aliasName = resourceName('models/{model}/aliases/{alias}');
