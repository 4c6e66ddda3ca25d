import { escapeHtml } from '../html.ts'

export interface MarkupParts {
  base: string
  /** The file of the page's first module. */
  main: string
  /** All modules: asked for at once, not one after the other as each names the next. */
  modules: readonly string[]
  /** As JSON. */
  importMap: string
  version: string
  /** What the page will ask for first is on its way before its scripts run. */
  hidesIdle: boolean
}

/** The page before its scripts run. An element with the id that Cytoscape gives its own style sheet keeps it from adding one. */
export function markup(parts: MarkupParts): string {
  return `<!doctype html>
<html lang="en">
${head(parts)}
<body data-view="map">
<a class="skip" href="#map">Skip to the map</a>
${header(parts.version)}
${toolbar}
<p id="alert" role="status" hidden></p>
<main>
<div id="stage">
  <p id="where"><span id="place"></span><span id="totals"></span></p>
  <p id="note" hidden></p>
  <div id="views">
    <section id="picture" aria-label="Map">
      <div id="map" tabindex="0" role="application" aria-label="Dependency map"></div>
      ${mapButtons}
      <aside id="legend" aria-label="Legend"></aside>
      ${empty}
    </section>
    <section id="tables" aria-label="Tables"></section>
  </div>
</div>
<aside id="panel" aria-label="Service" hidden></aside>
</main>
<div id="told" class="unseen" role="status"></div>
<noscript><p>The map needs JavaScript. The same is to be had as JSON: <a href="/api/v1/graph">/api/v1/graph</a>.</p></noscript>
</body>
</html>
`
}

function head({ base, main, modules, importMap, hidesIdle }: MarkupParts): string {
  return `<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Dependency map – discovery-metrics</title>
<link rel="icon" type="image/svg+xml" href="${base}/icon.svg">
<link rel="stylesheet" href="${base}/page.css" id="__________cytoscape_stylesheet">
<link rel="preload" as="fetch" crossorigin href="/api/v1/graph/namespaces?includeIdle=${String(!hidesIdle)}">
<script type="importmap">${importMap}</script>
${modules.map(file => `<link rel="modulepreload" href="${base}/${file}">`).join('\n')}
<script type="module" src="${base}/${main}"></script>
</head>`
}

function header(version: string): string {
  return `<header>
<h1>Dependency map</h1>
<div class="search">
  <input id="search" type="text" role="combobox" aria-label="Search services and namespaces" aria-controls="found" aria-expanded="false"
    aria-autocomplete="list" autocomplete="off" spellcheck="false" placeholder="Search services and namespaces ( / )">
  <ul id="found" role="listbox" aria-label="Found" hidden></ul>
</div>
<span id="state" title="When what is shown was last brought up to date">Asking …</span>
<nav aria-label="More">
  <a href="/docs/metrics">Metrics</a> <a href="/api">API</a>
  <button type="button" id="theme" aria-pressed="false" title="Dark or light">Dark</button>
</nav>
<small class="version">discovery-metrics ${escapeHtml(version)}</small>
</header>`
}

const toolbar = `<section id="toolbar" aria-label="View">
<div class="segments" role="group" aria-label="Show as">
  <button type="button" id="view-map" aria-pressed="true">Map</button><button type="button" id="view-both" aria-pressed="false">Both</button><button
    type="button" id="view-table" aria-pressed="false">Tables</button>
</div>
<label>Colour by <select id="measure"><option value="errors">failed look-ups</option><option value="latency">look-up time</option></select></label>
<label>Mark changes <select id="changed">
  <option value="">none</option><option value="5m">of 5 minutes</option><option value="1h">of 1 hour</option><option value="1d">of 1 day</option>
</select></label>
<label><input type="checkbox" id="idle"> Hide idle</label>
<label><input type="checkbox" id="failing"> Failing only</label>
<label><input type="checkbox" id="group"> Group by namespace</label>
</section>`

const mapButtons = `<div id="map-buttons" role="group" aria-label="Map">
<button type="button" id="zoom-in" aria-label="Nearer" title="Nearer (+)">+</button>
<button type="button" id="zoom-out" aria-label="Farther" title="Farther (-)">−</button>
<button type="button" id="fit" aria-label="Show the whole map" title="Show the whole map (0)">⤢</button>
<button type="button" id="tidy" aria-label="Arrange anew" title="Arrange anew">⟲</button>
</div>`

const empty = `<div id="empty" hidden>
<div id="empty-all" hidden>
<h2>No look-ups yet</h2>
<p>This replica runs and has seen neither a registration nor a look-up. What to do next:</p>
<ol>
<li>See that the topics are there: <code>discovery-metrics topics --check</code></li>
<li>Attach an agent. In Node.js: <code>createDiscoveryAgent({ kafka, namespace, service })</code> and <code>instrumentResolver(resolver)</code>;
  other languages write the Avro events of <code>schemas/</code>.</li>
<li>Or look at a made-up shop first: <code>npm run demo</code></li>
</ol>
<p>What arrives is shown here by itself, within seconds. <a href="/-/ready">Is this replica ready?</a> · <a href="/docs/metrics">What is
  measured</a> · <a href="/api">API</a></p>
</div>
<div id="empty-filtered" hidden></div>
</div>`
