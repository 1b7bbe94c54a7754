#!/usr/bin/env node
import { readFileSync } from 'node:fs';
import { create, createFileRegistry, fromBinary, toBinary } from '@bufbuild/protobuf';
import { CodeGeneratorRequestSchema, CodeGeneratorResponse_Feature, CodeGeneratorResponseSchema, FileDescriptorSetSchema } from '@bufbuild/protobuf/wkt';
import { clientFiles } from './client-files.mjs';

// A plugin of protoc: a request on standard input, the files on standard output.
const { protoFile } = fromBinary(CodeGeneratorRequestSchema, readFileSync(0));
const registry = createFileRegistry(create(FileDescriptorSetSchema, { file: protoFile }));
const file = Array.from(clientFiles(registry), ([name, content]) => ({ name, content }));
process.stdout.write(toBinary(CodeGeneratorResponseSchema, create(CodeGeneratorResponseSchema, { file, supportedFeatures: BigInt(CodeGeneratorResponse_Feature.PROTO3_OPTIONAL) })));
