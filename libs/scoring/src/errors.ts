import { defineErrors } from '@millrace/core';

export const errors = defineErrors('scoring.millrace', {
  ARTIFACT_UNREADABLE: { code: 'FAILED_PRECONDITION', message: 'Object {digest} is no model artefact: {why}. Register a version that the trainer packed.' },
  ARTIFACT_FORMAT_UNKNOWN: { code: 'FAILED_PRECONDITION', message: 'Model artefact {digest} has format {format}, and this release reads {known}; upgrade the service.' },
  RUNTIME_MISSING: { code: 'FAILED_PRECONDITION', message: 'ONNX Runtime has no binary for {platform}; install onnxruntime-node on a platform that it supports.' },
  SCORER_CLOSED: { code: 'UNAVAILABLE', message: 'The model is being let go; ask again.' },
  SCORING_FAILED: { code: 'INTERNAL', message: 'The model could not be run: {why}.' },
});
