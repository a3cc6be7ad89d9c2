const shards = 16

/** The name of the shard that knows an mpid. */
export const directoryShard = (mpid: string): string =>
  String(BigInt.asUintN(64, BigInt(mpid)) % BigInt(shards))

/** The name of the shard that knows whom an identity's hash leads to. */
export const linkShard = (hash: string): string => directoryShard(`0x${hash}`)

export const directoryShards = (): string[] => Array.from({ length: shards }, (_, i) => String(i))
