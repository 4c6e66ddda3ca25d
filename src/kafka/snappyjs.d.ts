declare module 'snappyjs' {
  const snappy: {
    compress: (bytes: Uint8Array) => Uint8Array
    /** Throws if it would come to more. */
    uncompress: (bytes: Uint8Array, most: number) => Uint8Array
  }
  export = snappy
}
