export { eventually, type Home, type HomeOptions, startHome } from './home.js';
export { Instances, type InstancesOptions } from './instances.js';
export { type OtlpReceiver, type ReceivedSpan, startOtlpReceiver } from './otlp-receiver.js';
export { type SharedServers, useSharedServers } from './shared-servers.js';
export { type StandIn, standIn, standInService } from './stand-in.js';
export { mountSmallDisk, type SmallDisk } from './small-disk.js';
