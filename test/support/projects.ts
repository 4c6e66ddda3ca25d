/** The projects of vitest.config.ts. */
export const projectNames = ['pure', 'int', 'e2e'] as const
export type ProjectName = (typeof projectNames)[number]

/** Which projects these arguments of vitest run: `--project NAME`, which may be repeated; all without it, or with a pattern for a name. */
export function chosenProjects(args: readonly string[]): ReadonlySet<ProjectName> {
  const named = args.flatMap((arg, index) => {
    if (arg.startsWith('--project=')) return [arg.slice('--project='.length)]
    return args[index - 1] === '--project' ? [arg] : []
  })
  const known = projectNames.filter((name) => named.includes(name))
  return new Set(named.length > 0 && named.length === known.length ? known : projectNames)
}
