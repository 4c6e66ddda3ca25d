import { escapeHtml } from './html.ts'

/** The page at `/api`, for browsers. */
export function indexPage(version: string, endpoints: readonly { path: string; description: string }[]): string {
  const rows = endpoints.map(({ path, description }) => `<dt>${link(path)}</dt><dd>${escapeHtml(description)}</dd>`)
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>discovery-metrics</title>
<style>
  :root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif }
  body { max-width: 44rem; margin: 3rem auto; padding: 0 1rem }
  dt { font-family: ui-monospace, monospace; margin-top: 1rem }
  dd { margin: 0; opacity: .75 }
</style>
<h1>discovery-metrics</h1>
<p>How the service discovery of this cluster is doing. Version ${escapeHtml(version)}.</p>
<dl>
${rows.join('\n')}
</dl>
</html>
`
}

function link(path: string): string {
  return path.includes('{') ? escapeHtml(path) : `<a href="${escapeHtml(path)}">${escapeHtml(path)}</a>`
}
