import { defineErrors } from '@millrace/core';

export const ONNX_DOMAIN = 'onnx.millrace';

/** Every error of the graph writer. All but one are faults of the program that builds the graph. */
export const errors = defineErrors(ONNX_DOMAIN, {
  ONNX_NAME_TAKEN: { code: 'INTERNAL', message: 'The graph already has a value "{name}"; give each input and output its own name.' },
  ONNX_VALUE_UNKNOWN: { code: 'INTERNAL', message: '{operator} reads "{name}", which no input, constant or node of the graph makes.' },
  ONNX_TENSOR_SHAPE: { code: 'INTERNAL', message: 'A {type} tensor of shape [{dims}] has {values} values; it must have {expected}.' },
  ONNX_STRING_INVALID: { code: 'INVALID_ARGUMENT', message: 'The text {value} holds U+0000 or half a surrogate pair, which ONNX Runtime cannot carry; remove the character.' },
});
