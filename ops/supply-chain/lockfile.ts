import { readFileSync } from 'node:fs'

/** A package as package-lock.json (version 3) has it. */
export interface LockedPackage {
  name: string
  version: string
  /** SPDX; undefined where its author names none. */
  licence: string | undefined
  /** Whether it is there for development alone, and in no image. */
  isDev: boolean
  /** Whether it wants to run something when it is installed. */
  hasInstallScript: boolean
  integrity: string | undefined
}

interface Entry {
  version?: string
  license?: string
  dev?: boolean
  hasInstallScript?: boolean
  integrity?: string
}

/** Every package of the lock file, each version once, by name. */
export function lockedPackages(file: URL = new URL('../../package-lock.json', import.meta.url)): LockedPackage[] {
  const { packages } = JSON.parse(readFileSync(file, 'utf8')) as { packages: Record<string, Entry> }
  const all = Object.entries(packages).filter(([path]) => path !== '').map(([path, entry]): LockedPackage => ({
    name: path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length),
    version: entry.version ?? '', licence: entry.license, isDev: entry.dev === true,
    hasInstallScript: entry.hasInstallScript === true, integrity: entry.integrity,
  }))
  const once = new Map(all.toSorted((a, b) => Number(a.isDev) - Number(b.isDev)).toReversed().map(each => [`${each.name}@${each.version}`, each]))
  return [...once.values()].toSorted((a, b) => a.name.localeCompare(b.name, 'en') || a.version.localeCompare(b.version, 'en'))
}
