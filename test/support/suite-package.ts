import { homedir } from 'node:os'
import { join } from 'node:path'
import type { Run } from '../../broker/run.ts'

/** A Debian package of a suite that is not the machine's own. It is unpacked into a folder, and installed nowhere; it must need no other. */
export interface SuitePackage {
  readonly name: string
  /** Such as `bullseye`. */
  readonly suite: string
}

const UNPACK_MS = 300_000

/** Where a package is unpacked to: outside of the clone, so that all clones share it. */
export function folderOf({ name, suite }: SuitePackage, env: NodeJS.ProcessEnv = process.env): string {
  return join(env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'discovery-metrics', `${name}-${suite}`)
}

/**
 * Fetches a package from the Debian mirror that the machine's own sources name, with lists of its own: the machine's stay as they are. Needs
 * no root. Rejects with what apt said.
 */
export async function unpackSuitePackage(wanted: SuitePackage, run: Run): Promise<void> {
  const { code, output } = await run('sh', ['-c', unpacking(wanted)], { timeoutMs: UNPACK_MS })
  if (code !== 0) throw new Error(`the package ${wanted.name} of ${wanted.suite} cannot be unpacked: ${output.trim().slice(-2000)}`)
}

/** The folder gets its name when all is in it. */
function unpacking(wanted: SuitePackage): string {
  const { name, suite } = wanted
  return `set -eu
work='${folderOf(wanted)}'.$$
trap 'rm -rf "$work"' EXIT
mkdir -p "$work/lists/partial" "$work/cache/archives/partial" "$work/state"
mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' | grep -E '/debian/?$' | head -n 1)
[ -n "$mirror" ] || { echo 'no source of apt ends with /debian'; exit 1; }
echo "deb $mirror ${suite} main" > "$work/sources.list"
apt() {
  apt-get -qq -o Dir::Etc::sourcelist="$work/sources.list" -o Dir::Etc::sourceparts=/dev/null -o Dir::State::lists="$work/lists" \\
    -o Dir::Cache="$work/cache" -o APT::Sandbox::User= "$@"
}
cd "$work"
apt update
apt download ${name}
dpkg -x ${name}_*.deb root
rm -rf '${folderOf(wanted)}'
mv root '${folderOf(wanted)}'`
}
