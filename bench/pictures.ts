import { stageOf, type Frame } from './profile.ts'

const WIDTH = 1_200
const ROW = 17
/** Narrower than this, in pixels, a function is left out. */
const NARROWEST = 1
const CHARACTER = 6.3
const DEEPEST = 60

const colours: Readonly<Record<string, string>> = {
  read: '#7fb3d5', decode: '#82e0aa', fold: '#f7dc6f', checkpoint: '#f0b27a', show: '#d7bde2', aggregate: '#aeb6bf',
}
const OTHER_COLOUR = '#e5e8e8'

/** Each function as wide as it and what it called took, callers above; coloured by stage. */
export function flameGraph(root: Frame): string {
  const boxes: string[] = []
  let deepest = 0
  const draw = (frame: Frame, { x, depth, stage }: { x: number; depth: number; stage: string }): void => {
    const width = frame.total / root.total * WIDTH
    if (width < NARROWEST || depth > DEEPEST) return
    deepest = Math.max(deepest, depth)
    const own = stageOf(frame.url) ?? stage
    boxes.push(box({ x, y: depth * ROW, width, colour: colours[own] ?? OTHER_COLOUR, text: frame.name, title: `${frame.name}: ${percent(frame.total / root.total)}` }))
    let left = x
    for (const child of frame.children.toSorted((a, b) => b.total - a.total)) {
      draw(child, { x: left, depth: depth + 1, stage: own })
      left += child.total / root.total * WIDTH
    }
  }
  draw(root, { x: 0, depth: 0, stage: '' })
  return svg(WIDTH, (deepest + 1) * ROW, boxes)
}

export interface Bar {
  label: string
  value: number
  /** Written behind the bar. */
  text: string
}

export function barChart(bars: readonly Bar[]): string {
  const most = Math.max(...bars.map(({ value }) => value))
  const rows = bars.flatMap(({ label, value, text }, index) => {
    const y = index * (ROW + 8)
    const width = value / most * 420
    return [
      `<text x="150" y="${y + 13}" text-anchor="end">${escaped(label)}</text>`,
      box({ x: 160, y, width, colour: colours[label] ?? '#7fb3d5', text: '', title: `${label}: ${text}` }),
      `<text x="${(166 + width).toFixed(1)}" y="${y + 13}">${escaped(text)}</text>`,
    ]
  })
  return svg(720, bars.length * (ROW + 8), rows)
}

interface Box {
  x: number
  y: number
  width: number
  colour: string
  text: string
  title: string
}

function box({ x, y, width, colour, text, title }: Box): string {
  const fits = Math.floor((width - 4) / CHARACTER)
  const shown = fits < 3 ? '' : text.length > fits ? `${text.slice(0, fits - 1)}…` : text
  const words = shown === '' ? '' : `<text x="${(x + 3).toFixed(1)}" y="${y + 12}">${escaped(shown)}</text>`
  return `<g><title>${escaped(title)}</title><rect x="${x.toFixed(1)}" y="${y}" width="${width.toFixed(1)}" height="${ROW - 1}" fill="${colour}"/>${words}</g>`
}

function svg(width: number, height: number, content: readonly string[]): string {
  const head = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="monospace" font-size="11">`
  return `${head}\n<rect width="${width}" height="${height}" fill="#fff"/>\n${content.join('\n')}\n</svg>\n`
}

export function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}
