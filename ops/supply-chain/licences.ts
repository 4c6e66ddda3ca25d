import type { LockedPackage } from './lockfile.ts'

/** What may be in the image: licences that ask for no more than to be named. */
export const allowedLicences: readonly string[] = ['0BSD', 'Apache-2.0', 'BSD-2-Clause', 'BSD-3-Clause', 'BlueOak-1.0.0', 'CC0-1.0', 'ISC', 'MIT', 'Unlicense']

/** Packages of the image whose licence is not allowed, or not named. */
export function licenceFaults(packages: readonly LockedPackage[]): string[] {
  return packages.filter(({ isDev, licence }) => !isDev && !allowedLicences.includes(licence ?? ''))
    .map(({ name, version, licence }) => `${name} ${version}: ${licence ?? 'no licence is named'}`)
}

/** docs/licences.md. */
export function licencesDocument(packages: readonly LockedPackage[]): string {
  const shipped = packages.filter(({ isDev }) => !isDev)
  const rest = packages.filter(({ isDev }) => isDev)
  const rows = shipped.map(({ name, version, licence }) => `| ${name} | ${version} | ${licence ?? 'not named'} |`)
  const counts = new Map<string, number>()
  for (const { licence = 'not named' } of rest) counts.set(licence, (counts.get(licence) ?? 0) + 1)
  const others = [...counts].toSorted(([a], [b]) => a.localeCompare(b, 'en')).map(([licence, count]) => `| ${licence} | ${count} |`)
  return `# Licences

Written by \`npm run docs\` from package-lock.json. What is shipped may have:
${allowedLicences.join(', ')}. A test holds it to that. Packages for one
platform each are all listed, and one of them is installed.

## In the image and the npm package

| package | version | licence |
|---|---|---|
${rows.join('\n')}

## For development alone

| licence | packages |
|---|---|
${others.join('\n')}
`
}
