import { describe, expect, it } from 'vitest'
import { chosenProjects } from './projects.ts'

describe('the projects that vitest is asked for', () => {
  it.each([
    { args: [], projects: ['pure', 'int', 'e2e'] },
    { args: ['test/core'], projects: ['pure', 'int', 'e2e'] },
    { args: ['--project', 'pure'], projects: ['pure'] },
    { args: ['--project=pure', '--project', 'int', 'broker'], projects: ['pure', 'int'] },
    { args: ['--project', '!e2e'], projects: ['pure', 'int', 'e2e'] },
  ])('are $projects with the arguments $args', ({ args, projects }) => {
    expect([...chosenProjects(args)]).toEqual(projects)
  })
})
