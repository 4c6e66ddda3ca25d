import { escapeHtml } from './html.ts'

/** A document of ours as a page. Of Markdown it knows what those use: headings, paragraphs, code, tables, and what is stressed. */
export function documentPage(markdown: string): string {
  const blocks = markdown.split(/\n{2,}/).map(block => block.trim()).filter(block => block !== '').map(blockHtml)
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Metrics – discovery-metrics</title>
<style>
  :root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif }
  body { max-width: 60rem; margin: 3rem auto; padding: 0 1rem }
  h3, code, pre { font-family: ui-monospace, monospace; overflow-wrap: anywhere }
  pre { padding: .5rem 1rem; border: 1px solid #8886; border-radius: .3rem; white-space: pre-wrap }
  td, th { text-align: left; vertical-align: top; padding: .2rem 1rem .2rem 0 }
</style>
${blocks.join('\n')}
</html>
`
}

function blockHtml(block: string): string {
  const [, marks, heading] = /^(#{1,3}) (.*)$/.exec(block) ?? []
  if (marks !== undefined && heading !== undefined) return headingHtml(marks.length, heading)
  const [, code] = /^```\w*\n(.*)\n```$/s.exec(block) ?? []
  if (code !== undefined) return `<pre>${escapeHtml(code)}</pre>`
  return block.startsWith('|') ? tableHtml(block.split('\n')) : `<p>${inlineHtml(block)}</p>`
}

function headingHtml(level: number, text: string): string {
  return `<h${level} id="${escapeHtml(text.replaceAll(' ', '-'))}">${inlineHtml(text)}</h${level}>`
}

function tableHtml([head = '', _rule, ...rows]: readonly string[]): string {
  return `<table>\n${[rowHtml(head, 'th'), ...rows.map(row => rowHtml(row, 'td'))].join('\n')}\n</table>`
}

function rowHtml(row: string, tag: 'th' | 'td'): string {
  return `<tr>${cellsOf(row).map(cell => `<${tag}>${inlineHtml(cell)}</${tag}>`).join('')}</tr>`
}

function cellsOf(row: string): string[] {
  return row.split(/(?<!\\)\|/).slice(1, -1).map(cell => cell.trim().replaceAll('\\|', '|'))
}

function inlineHtml(text: string): string {
  return escapeHtml(text).replaceAll(/`([^`]+)`/g, '<code>$1</code>').replaceAll(/\*\*([^*]+)\*\*/g, '<strong>$1</strong>')
}
