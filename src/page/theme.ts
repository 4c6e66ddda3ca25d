import { byId } from './element.ts'
import { shades, type Shade } from './shades.ts'

/** What the picture is painted with; all else is the style sheet's. */
export interface Palette {
  surface: string
  text: string
  muted: string
  line: string
  accent: string
  background: string
  shades: Readonly<Record<Shade, string>>
}

const KEY = 'discovery-metrics.theme'
const dark = matchMedia('(prefers-color-scheme: dark)')

/** Follows the system's scheme until the switch is used, whose setting this browser keeps. `onChange`: told when the colours are others. */
export function startTheme(onChange: () => void): void {
  const button = byId('theme', HTMLButtonElement)
  const show = () => {
    const isDark = current() === 'dark'
    document.documentElement.dataset['theme'] = isDark ? 'dark' : 'light'
    button.setAttribute('aria-pressed', String(isDark))
    onChange()
  }
  button.addEventListener('click', () => {
    keep(current() === 'dark' ? 'light' : 'dark')
    show()
  })
  dark.addEventListener('change', show)
  show()
}

export function palette(): Palette {
  const style = getComputedStyle(document.documentElement)
  const colour = (name: string) => style.getPropertyValue(`--${name}`).trim()
  return {
    surface: colour('surface'), text: colour('text'), muted: colour('muted'), line: colour('line'), accent: colour('accent'),
    background: colour('background'), shades: Object.fromEntries(shades.map(shade => [shade, colour(`shade-${shade}`)])) as Record<Shade, string>,
  }
}

function current(): 'light' | 'dark' {
  const kept = read()
  if (kept === 'light' || kept === 'dark') return kept
  return dark.matches ? 'dark' : 'light'
}

// A browser that keeps nothing (private windows) throws; the switch then holds until the page is left.
let held: string | null = null

function read(): string | null {
  try {
    return localStorage.getItem(KEY) ?? held
  } catch {
    return held
  }
}

function keep(theme: string): void {
  held = theme
  try {
    localStorage.setItem(KEY, theme)
  } catch {
    // held above
  }
}
