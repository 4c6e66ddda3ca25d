/** Calls `put` for each count above zero: a series appears with its first event. */
export function counted(counts: readonly number[], labels: readonly string[], put: (label: string, count: number) => void): void {
  counts.forEach((count, index) => { if (count > 0) put(labels[index] ?? '', count) })
}

/** The labels of what is told of a service. */
export const serviceLabels = ['namespace', 'service'] as const
