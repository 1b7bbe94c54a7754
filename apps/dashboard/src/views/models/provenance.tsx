import type { ModelVersion } from '@millrace/contracts/millrace/registry/v1/model';
import { Facts } from '../../parts/table.js';
import { Sentence } from '../../parts/why.js';
import { Resource } from '../../router.js';
import { shortDigest } from '../../text.js';

/** What a version was made from. */
export function Provenance({ version: { description, origin, tags, modelDigest, planDigest } }: { readonly version: ModelVersion }) {
  const made = (name: string | undefined) => (name ? <Resource name={name} /> : '–');
  return (
    <section aria-labelledby="provenance">
      <h2 id="provenance">Where it comes from</h2>
      <Facts
        facts={[
          ['Says of itself', description ? <Sentence text={description} /> : '–'],
          ['Pipeline run', made(origin?.pipelineRun)],
          ['Dataset version', made(origin?.datasetVersion)],
          ['Features', origin?.featureService ? origin.featureService.split('/')[1] : 'none are read online'],
          ['Code', origin?.codeVersion ? <code>{origin.codeVersion}</code> : 'not told'],
          ['Tags', Object.entries(tags).map(([key, value]) => `${key} ${value}`).join(', ') || 'none'],
          ['Model digest', <code key="model" title={modelDigest}>{shortDigest(modelDigest)}</code>],
          ['Plan digest', <code key="plan" title={planDigest}>{shortDigest(planDigest)}</code>],
        ]}
      />
    </section>
  );
}
