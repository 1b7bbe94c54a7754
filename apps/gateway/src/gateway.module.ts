import { Module } from '@nestjs/common';

/** Holds nothing: the gateway answers HTTP alone, and serves no RPC. */
@Module({})
export class GatewayModule {}
