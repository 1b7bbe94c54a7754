/** Where a resource is shown, by its name; undefined for what has no view. */
export function placeOf(name: string): string | undefined {
  const [kind, id, ...rest] = name.split('/');
  if (id === undefined || id === '') return undefined;
  const below = rest.length === 0 ? '' : `/${rest.join('/')}`;
  if (kind === 'datasets') return `/data/${id}${below}`;
  if (kind === 'models') return `/models/${id}${below}`;
  if (kind === 'pipelines') return `/pipelines/${id}`;
  if (kind === 'pipelineRuns') return `/runs/${id}`;
  if (kind === 'featureServices') return `/services/${id}`;
  if (kind === 'featureViews') return `/features/${id}`;
  if (kind === 'experiments') return `/experiments/${id}`;
  if (kind === 'endpoints') return `/endpoints/${id}${below}`;
  if (kind === 'monitors') return `/monitoring/${id}`;
  return undefined;
}

/** A resource as a person says it: `late-flights 2` for `models/late-flights/versions/2`, and the end of an id that nobody can read. */
export function spoken(name: string): string {
  const [, id = name, , below] = name.split('/');
  return below === undefined ? short(id) : `${short(id)} ${short(below)}`;
}

const short = (id: string): string => (/^[0-9a-f]{8}-[0-9a-f-]{27}$/.test(id) ? id.slice(-6) : id);
